// Every list equals what a plain loop over all rows would give.
#include <algorithm>

#include <gtest/gtest.h>

#include "projections/row_indexes.hpp"
#include "tests/projections/world.hpp"

namespace flowstone::projections {
namespace {

using Condition = FieldFilter::Test;

const schemas::Field& field(std::string_view name) { return *tasks().state->find(name); }

FieldFilter filter_on(std::string_view name, Condition test, const std::vector<std::string>& values) {
  FieldFilter filter{.field = &field(name), .test = test, .keys = {}};
  for (const std::string& value : values) filter.keys.push_back(schemas::index_key_of(field(name), value).value());
  return filter;
}

// What a row's values say about a condition, spelled out without the engine.
bool meets(const FieldFilter& filter, BytesView row) {
  for (const Bytes& value : schemas::index_keys(*filter.field, row)) {
    for (const Bytes& key : filter.keys) {
      if (filter.test == Condition::equal && value == key) return true;
      if (filter.test == Condition::at_least && !value.empty() && value >= key) return true;
      if (filter.test == Condition::below && !value.empty() && value < key) return true;
    }
  }
  return false;
}

std::vector<std::string> naive_list(const Table& table, const ListQuery& query) {
  std::vector<std::pair<Bytes, std::string>> found;
  for (const auto& [key, row] : table) {
    if (key.first != query.workspace) continue;
    if (!std::ranges::all_of(query.filters, [&](const FieldFilter& filter) { return meets(filter, row); })) continue;
    std::vector<Bytes> values = query.sort == nullptr ? std::vector<Bytes>{""} : schemas::index_keys(*query.sort, row);
    found.emplace_back(query.descending ? std::ranges::max(values) : std::ranges::min(values), key.second);
  }
  std::ranges::sort(found);
  if (query.descending) std::ranges::reverse(found);
  std::vector<std::string> ids;
  for (auto& [value, id] : found) ids.push_back(std::move(id));
  return ids;
}

std::vector<std::string> ids_of(const std::vector<Row>& rows) {
  std::vector<std::string> ids;
  for (const Row& row : rows) ids.push_back(row.id);
  return ids;
}

class Queries : public testing::Test {
 protected:
  void SetUp() override {
    world_.open_catalog();
    TaskHistory(world_, 7).run(600);
    world_.catch_up();
    table_ = world_.fold(task_type());
  }
  void expect_naive(ListQuery query) {
    query.workspace = kHome;
    for (const bool descending : {false, true}) {
      query.descending = descending;
      EXPECT_EQ(ids_of(world_.all_pages(tasks(), query)), naive_list(table_, query))
          << "sort " << (query.sort == nullptr ? "id" : query.sort->name) << (descending ? " descending" : "");
    }
  }

  World world_;
  Table table_;
};

std::vector<std::vector<FieldFilter>> conditions() {
  const std::string day = "2030-01-05T00:00:00Z";
  return {
      {},
      {filter_on("status", Condition::equal, {"todo"})},
      {filter_on("status", Condition::equal, {"completed", "cancelled"})},
      {filter_on("labels", Condition::equal, {"x"})},
      {filter_on("labels", Condition::equal, {"x", "aq", "b"})},
      {filter_on("title", Condition::equal, {"AA"})},
      {filter_on("title", Condition::at_least, {"b"})},
      {filter_on("due_at", Condition::at_least, {day})},
      {filter_on("due_at", Condition::below, {day})},
      {filter_on("due_at", Condition::at_least, {"2030-01-03T00:00:00Z"}),
       filter_on("due_at", Condition::below, {day})},
      {filter_on("due_at", Condition::at_least, {day}),
       filter_on("due_at", Condition::below, {"2030-01-03T00:00:00Z"})},
      {filter_on("priority", Condition::at_least, {"4"}), filter_on("status", Condition::equal, {"todo"})},
      {filter_on("priority", Condition::equal, {"1", "5"}),
       filter_on("status", Condition::equal, {"todo", "cancelled"})},
      {filter_on("labels", Condition::equal, {"x"}), filter_on("labels", Condition::equal, {"aq"})},
      {filter_on("labels", Condition::at_least, {"b"}), filter_on("labels", Condition::below, {"c"})},
      {filter_on("intent_id", Condition::equal, {id_number(1)}), filter_on("priority", Condition::below, {"3"})},
      {FieldFilter{.field = &field("due_at"), .test = Condition::equal, .keys = {Bytes()}}},
      {FieldFilter{.field = &field("status"), .test = Condition::equal, .keys = {}}},
  };
}

TEST_F(Queries, EveryFilterInEverySortOrderGivesWhatAPlainLoopGives) {
  std::vector<const schemas::Field*> sorts{nullptr};
  for (const schemas::Field& candidate : tasks().state->fields) {
    if (candidate.index) sorts.push_back(&candidate);
  }
  for (const auto& filters : conditions()) {
    for (const schemas::Field* sort : sorts) {
      ListQuery query;
      query.filters = filters;
      query.sort = sort;
      query.limit = 7;
      expect_naive(std::move(query));
    }
  }
}

TEST_F(Queries, PageSizesDoNotMatter) {
  for (const std::size_t limit : {1U, 2U, 50U, 1'000U}) {
    ListQuery query;
    query.filters = {filter_on("labels", Condition::equal, {"x"})};
    query.sort = &field("due_at");
    query.limit = limit;
    expect_naive(std::move(query));
  }
}

TEST_F(Queries, LastPageHasNoCursor) {
  ListQuery query;
  query.workspace = kHome;
  query.limit = 100'000;
  const auto page = world_.catalog->list(tasks(), query);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->next_cursor, "");
}

TEST_F(Queries, PageSaysThePositionThatItReflects) {
  ListQuery query;
  query.workspace = kHome;
  EXPECT_EQ(world_.catalog->list(tasks(), query)->position, world_.store->state().durable);
}

TEST_F(Queries, CursorOfAnotherQueryIsForeign) {
  ListQuery query;
  query.workspace = kHome;
  query.limit = 5;
  query.cursor = world_.catalog->list(tasks(), query)->next_cursor;
  ASSERT_NE(query.cursor, "");
  std::vector<ListQuery> others(4, query);
  others[0].descending = true;
  others[1].sort = &field("title");
  others[2].filters = {filter_on("status", Condition::equal, {"todo"})};
  others[3].workspace = kElsewhere;
  for (const ListQuery& other : others) {
    const auto page = world_.catalog->list(tasks(), other);
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().code, QueryError::Code::foreign_cursor);
  }
}

TEST_F(Queries, DamagedCursorIsForeign) {
  ListQuery query;
  query.workspace = kHome;
  query.limit = 5;
  const std::string cursor = world_.catalog->list(tasks(), query)->next_cursor;
  std::vector<std::string> damaged{"x", "!!!", cursor.substr(1), cursor.substr(0, cursor.size() - 4), cursor + "AAAA"};
  for (std::size_t at = 0; at < cursor.size() - 1; ++at) {
    damaged.push_back(cursor);
    damaged.back()[at] = cursor[at] == 'A' ? 'B' : 'A';
  }
  for (const std::string& text : damaged) {
    query.cursor = text;
    const auto page = world_.catalog->list(tasks(), query);
    ASSERT_FALSE(page) << text;
    EXPECT_EQ(page.error().code, QueryError::Code::foreign_cursor);
  }
}

TEST_F(Queries, RowsThatStayAreSeenOnceWhileOthersComeAndChange) {
  ListQuery query;
  query.workspace = kHome;
  query.sort = &field("title");
  query.limit = 3;
  const std::vector<std::string> at_first = ids_of(world_.all_pages(tasks(), query));
  std::vector<std::string> seen;
  TaskHistory more(world_, 99);
  while (true) {
    const auto page = world_.catalog->list(tasks(), query);
    ASSERT_TRUE(page);
    std::ranges::move(ids_of(page->rows), std::back_inserter(seen));
    if (page->next_cursor.empty()) break;
    query.cursor = page->next_cursor;
    more.run(2);
    world_.catch_up();
  }
  std::erase_if(seen, [&](const std::string& id) { return !(std::ranges::find(at_first, id) != at_first.end()); });
  EXPECT_EQ(seen, at_first);
}

TEST_F(Queries, CursorLivesOnAcrossARebuild) {
  ListQuery query;
  query.workspace = kHome;
  query.limit = 10;
  const std::vector<std::string> all = ids_of(world_.all_pages(tasks(), query));
  const auto first = world_.catalog->list(tasks(), query);
  ASSERT_TRUE(world_.catalog->rebuild("tasks", true));
  world_.step_until([&] { return world_.status().builds.front().number != 1 || world_.status().builds.size() == 2; });
  world_.step_until([&] { return world_.status().state == Status::State::live; });
  query.cursor = first->next_cursor;
  std::vector<std::string> ids = ids_of(first->rows);
  std::ranges::move(ids_of(world_.all_pages(tasks(), query)), std::back_inserter(ids));
  EXPECT_EQ(ids, all);
}

TEST_F(Queries, ListInThePastEqualsTheTableThen) {
  const Position head = world_.store->state().durable;
  for (const std::uint64_t at : {std::uint64_t{0}, std::uint64_t{1}, head.value / 3, head.value}) {
    const Table then = at == 0 ? Table() : world_.fold(task_type(), Position{at});
    ListQuery query;
    query.workspace = kHome;
    query.sort = &field("due_at");
    query.filters = {filter_on("priority", Condition::at_least, {"2"})};
    query.limit = 100'000;
    const auto page = world_.catalog->list_as_of(tasks(), query, Position{at});
    ASSERT_TRUE(page);
    EXPECT_EQ(ids_of(page->rows), naive_list(then, query)) << at;
    EXPECT_EQ(page->position, Position{at});
  }
}

}  // namespace
}  // namespace flowstone::projections
