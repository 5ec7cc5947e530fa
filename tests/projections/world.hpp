// A log, the catalog over it, and hands to drive both: events from JSON, followers stepped by the test itself.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include "base/time.hpp"
#include "eventstore/journal.hpp"
#include "eventstore/scratch_directory.hpp"
#include "eventstore/store.hpp"
#include "projections/catalog.hpp"
#include "schemas/json.hpp"
#include "schemas/row.hpp"

namespace flowstone::projections {

class TestClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override { return {micros.load()}; }
  void advance(std::chrono::microseconds by) { micros += by.count(); }

  std::atomic<std::int64_t> micros{1'800'000'000'000'000};
};

inline const std::string kHome = "01900000-0000-7000-8000-00000000aaaa";
inline const std::string kElsewhere = "01900000-0000-7000-8000-00000000bbbb";

inline std::string id_number(std::uint64_t number) {
  std::string digits = std::to_string(number);
  return "01900000-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

struct JsonEvent {
  std::string type;
  std::string json = "{}";
};

inline eventstore::NewEvent event_of(const JsonEvent& event) {
  const schemas::Table* const table = schemas::contracts().find_event(event.type);
  EXPECT_NE(table, nullptr) << event.type;
  auto payload = schemas::decode_json(*table, event.json, {.target = {}, .accept_hidden = true});
  EXPECT_TRUE(payload) << event.json << ": " << (payload ? "" : payload.error().problems.front().detail);
  return {.type = event.type, .schema_version = table->version, .payload = payload.value_or(Bytes())};
}

// Everything that a table should hold: (workspace, id) -> row.
using Table = std::map<std::pair<std::string, std::string>, Bytes>;

class World {
 public:
  // In memory.
  World() : journal_(eventstore::make_memory_journal()), memory_(rocksdb::NewMemEnv(rocksdb::Env::Default())) {
    open_store();
  }
  // On disk, in a directory that outlives it.
  explicit World(std::filesystem::path root) : root_(std::move(root)) { open_store(); }

  void open_store() {
    eventstore::StoreOptions with;
    with.directory = root_ / "log";
    with.journal = journal_;
    with.clock = &clock;
    with.env = memory_.get();
    auto opened = eventstore::Store::open(std::move(with));
    ASSERT_TRUE(opened) << opened.error().detail;
    store = *std::move(opened);
  }

  void open_catalog() {
    CatalogOptions with = options;
    if (with.directory.empty()) with.directory = views_path();
    if (with.env == nullptr) with.env = memory_.get();
    auto opened = Catalog::open(with, *store, clock);
    ASSERT_TRUE(opened) << opened.error();
    catalog = *std::move(opened);
  }
  void close_catalog() {
    followers.clear();
    catalog.reset();
  }
  void reopen_catalog() {
    close_catalog();
    open_catalog();
  }

  eventstore::Appended append(const std::string& workspace, const std::string& stream,
                              const std::vector<JsonEvent>& events, const std::string& actor = "key:1",
                              const std::string& correlation = "c1") {
    eventstore::Append append;
    append.workspace = workspace;
    append.actor = actor;
    append.correlation = correlation;
    eventstore::StreamWrite write{.stream = stream, .expected = eventstore::AnyRevision{}, .events = {}};
    for (const JsonEvent& event : events) write.events.push_back(event_of(event));
    append.writes.push_back(std::move(write));
    clock.advance(std::chrono::milliseconds(1));
    const auto appended = store->append(std::move(append));
    EXPECT_TRUE(appended) << (appended ? "" : appended.error().detail);
    return appended.value_or(eventstore::Appended{});
  }
  eventstore::Appended append_task(std::uint64_t number, const std::vector<JsonEvent>& events) {
    return append(kHome, "task-" + id_number(number), events);
  }

  // One round over all followers, new ones too; forgets those that have stopped.
  void step_all() {
    for (auto& claimed : catalog->claim_followers(std::chrono::milliseconds(0), {}))
      followers.push_back(std::move(claimed));
    std::erase_if(followers, [](const auto& follower) { return !follower->step(std::chrono::milliseconds(0), {}); });
  }
  void step_until(const std::function<bool()>& holds) {
    for (int round = 0; round < 10'000; ++round) {
      if (holds()) return;
      step_all();
    }
    FAIL() << "never came true";
  }
  void catch_up(std::string_view projection = "tasks") {
    step_until([&] { return catalog->position(projection) == store->state().durable; });
  }

  // The table as folding the log from the start makes it.
  Table fold(const domain::AggregateType& aggregate, Position until = {}) {
    std::map<std::pair<std::string, std::string>, std::unique_ptr<domain::Entity>> entities;
    eventstore::Filter filter;
    filter.categories.emplace_back(aggregate.contract().name);
    auto reader = store->read(filter, {.to = until});
    while (true) {
      const auto event = (*reader)->next();
      EXPECT_TRUE(event);
      if (*event == nullptr) break;
      const std::string id((*event)->stream.substr((*event)->category().size() + 1));
      auto& entity = entities[{std::string((*event)->workspace), id}];
      if (entity == nullptr) entity = aggregate.start();
      const EventMeta meta{.time = (*event)->time, .actor = (*event)->actor, .revision = (*event)->revision, .id = id};
      EXPECT_TRUE(entity->evolve((*event)->type, (*event)->schema_version, (*event)->payload, meta));
    }
    Table table;
    for (const auto& [key, entity] : entities) table.emplace(key, entity->pack());
    return table;
  }

  // All rows of a query over as many pages as it takes.
  std::vector<Row> all_pages(const schemas::Aggregate& aggregate, ListQuery query) {
    std::vector<Row> rows;
    for (int page_number = 0; page_number < 10'000; ++page_number) {
      auto page = catalog->list(aggregate, query);
      EXPECT_TRUE(page) << (page ? "" : page.error().detail);
      if (!page) break;
      EXPECT_LE(page->rows.size(), query.limit);
      std::ranges::move(page->rows, std::back_inserter(rows));
      if (page->next_cursor.empty()) return rows;
      query.cursor = page->next_cursor;
    }
    ADD_FAILURE() << "pages without end";
    return rows;
  }
  // The table as the catalog serves it.
  Table served(const schemas::Aggregate& aggregate) {
    Table table;
    for (const std::string& workspace : {kHome, kElsewhere}) {
      ListQuery query;
      query.workspace = workspace;
      for (Row& row : all_pages(aggregate, query)) table.emplace(std::pair(workspace, row.id), std::move(row.bytes));
    }
    return table;
  }

  [[nodiscard]] Status status(std::string_view projection = "tasks") const { return *catalog->status(projection); }
  [[nodiscard]] std::filesystem::path views_path() const { return root_ / "views"; }

  TestClock clock;
  CatalogOptions options;
  eventstore::ScratchDirectory directory_{"flowstone-projections"};
  std::filesystem::path root_ = directory_.path();
  std::shared_ptr<eventstore::Journal> journal_;
  std::unique_ptr<rocksdb::Env> memory_;
  std::unique_ptr<eventstore::Store> store;
  std::unique_ptr<Catalog> catalog;
  std::vector<std::shared_ptr<Follower>> followers;
};

inline const domain::AggregateType& task_type() { return *domain::find_aggregate_type("task"); }
inline const schemas::Aggregate& tasks() { return task_type().contract(); }

// Histories of tasks that differ in every indexed field, some of them alike.
class TaskHistory {
 public:
  TaskHistory(World& world, std::uint32_t seed) : world_(world), random_(seed) {}

  void run(int steps) {
    for (int step = 0; step < steps; ++step) take_step();
  }

  void take_step() {
    if (revisions_.empty() || draw(3) == 0) return create();
    auto& [stream, workspace] = revisions_[draw(revisions_.size())];
    world_.append(workspace, stream, {change()});
  }

 private:
  std::uint64_t draw(std::uint64_t below) { return random_() % below; }
  std::string time() { return "\"2030-01-0" + std::to_string(1 + draw(9)) + "T00:00:00Z\""; }
  std::string title() { return std::string(1 + draw(3), static_cast<char>('a' + draw(3))); }

  void create() {
    const std::string& workspace = draw(4) == 0 ? kElsewhere : kHome;
    const std::string stream = "task-" + id_number(draw(1'000'000) * 10'000 + revisions_.size());
    revisions_.emplace_back(stream, workspace);
    std::string json = "{\"title\": \"" + title() + "\", \"priority\": " + std::to_string(1 + draw(5));
    if (draw(2) == 0) json += ", \"due_at\": " + time();
    if (draw(3) == 0) json += ", \"intent_id\": \"" + id_number(draw(3)) + "\"";
    if (draw(2) == 0) json += ", \"labels\": [\"" + title() + "\", \"x\", \"" + title() + "q\"]";
    world_.append(workspace, stream, {{"task.created", json + "}"}});
  }

  JsonEvent change() {
    switch (draw(7)) {
      case 0:
        return {"task.completed"};
      case 1:
        return {"task.reopened"};
      case 2:
        return {"task.cancelled", R"({"reason": "no"})"};
      case 3:
        return {"task.snoozed", "{\"until\": " + time() + "}"};
      case 4:
        return {"task.updated", R"({"cleared": ["due_at", "labels"]})"};
      case 5:
        return {"task.updated",
                "{\"labels\": [\"" + title() + "\"], \"priority\": " + std::to_string(1 + draw(5)) + "}"};
      default:
        return {"task.updated", "{\"title\": \"" + title() + "\", \"due_at\": " + time() + "}"};
    }
  }

  World& world_;
  std::mt19937 random_;
  std::vector<std::pair<std::string, std::string>> revisions_;  // stream, workspace
};

}  // namespace flowstone::projections
