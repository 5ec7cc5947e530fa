// Timelines say who did what, when and why, and which fields changed from what to what.
#include <gtest/gtest.h>

#include "projections/postings.hpp"
#include "tests/projections/world.hpp"

namespace flowstone::projections {
namespace {

std::vector<AuditEntry> all_entries(World& world, AuditQuery query) {
  query.workspace = query.workspace.empty() ? kHome : query.workspace;
  std::vector<AuditEntry> entries;
  while (true) {
    auto page = world.catalog->audit(query);
    EXPECT_TRUE(page) << (page ? "" : page.error().detail);
    if (!page) return entries;
    EXPECT_LE(page->entries.size(), query.limit);
    std::ranges::move(page->entries, std::back_inserter(entries));
    if (page->next_cursor.empty()) return entries;
    query.cursor = page->next_cursor;
  }
}

std::vector<std::uint64_t> positions_of(const std::vector<AuditEntry>& entries) {
  std::vector<std::uint64_t> positions;
  for (const AuditEntry& entry : entries) positions.push_back(entry.position.value);
  return positions;
}

const AuditEntry::Change* change_of(const AuditEntry& entry, std::string_view field) {
  const auto found = std::ranges::find(entry.changes, field, &AuditEntry::Change::field);
  return found == entry.changes.end() ? nullptr : &*found;
}

class Audit : public testing::Test {
 protected:
  void SetUp() override {
    world_.open_catalog();
    world_.append(kHome, kFirst, {{"task.created", R"({"title": "One", "priority": 2})"}}, "key:ann", "c1");
    world_.append(kHome, kSecond, {{"task.created", R"({"title": "Two"})"}}, "key:bob", "c2");
    world_.append(kHome, kFirst, {{"task.updated", R"({"priority": 5})"}, {"task.completed"}}, "key:bob", "c3");
    world_.append(kElsewhere, kOther, {{"task.created", R"({"title": "Three"})"}}, "key:ann", "c1");
    world_.append(kHome, "claim-intent.code-x", {{"claim.taken", R"({"owner": "o", "value": "x"})"}}, "key:ann", "c4");
    world_.catch_up("audit");
  }

  const std::string kFirst = "task-" + id_number(1);
  const std::string kSecond = "task-" + id_number(2);
  const std::string kOther = "task-" + id_number(3);
  World world_;
};

TEST_F(Audit, EntityTimelineIsOldestFirstWithChanges) {
  const auto entries = all_entries(world_, {.workspace = {}, .entity = kFirst});
  ASSERT_EQ(positions_of(entries), (std::vector<std::uint64_t>{1, 3, 4}));
  EXPECT_EQ(change_of(entries[0], "title")->from, std::nullopt);
  EXPECT_EQ(change_of(entries[0], "title")->to, "\"One\"");
  EXPECT_EQ(change_of(entries[1], "priority")->from, "2");
  EXPECT_EQ(change_of(entries[1], "priority")->to, "5");
  EXPECT_EQ(change_of(entries[1], "title"), nullptr);
  EXPECT_EQ(change_of(entries[2], "status")->to, "\"completed\"");
}

TEST_F(Audit, EntrySaysWhoWhenAndWhy) {
  const auto entries = all_entries(world_, {.workspace = {}, .entity = kSecond});
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].actor, "key:bob");
  EXPECT_EQ(entries[0].correlation, "c2");
  EXPECT_EQ(entries[0].type, "task.created");
  EXPECT_EQ(entries[0].entity, kSecond);
  EXPECT_EQ(entries[0].revision, Revision{1});
  EXPECT_GT(entries[0].time, Timestamp{});
}

TEST_F(Audit, WorkspaceTimelineIsNewestFirstAndItsOwn) {
  EXPECT_EQ(positions_of(all_entries(world_, {})), (std::vector<std::uint64_t>{4, 3, 2, 1}));
  EXPECT_EQ(positions_of(all_entries(world_, {.workspace = kElsewhere})), (std::vector<std::uint64_t>{5}));
}

TEST_F(Audit, ActorAndCorrelationNarrowIt) {
  EXPECT_EQ(positions_of(all_entries(world_, {.workspace = {}, .actor = "key:bob"})),
            (std::vector<std::uint64_t>{4, 3, 2}));
  EXPECT_EQ(positions_of(all_entries(world_, {.workspace = {}, .correlation = "c1"})), (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(positions_of(all_entries(world_, {.workspace = {}, .actor = "key:ann", .correlation = "c3"})),
            (std::vector<std::uint64_t>{}));
  EXPECT_EQ(positions_of(all_entries(world_, {.workspace = {}, .entity = kFirst, .actor = "key:bob"})),
            (std::vector<std::uint64_t>{3, 4}));
}

TEST_F(Audit, ChangesAreTheSameInEveryTimeline) {
  const auto by_entity = all_entries(world_, {.workspace = {}, .entity = kFirst});
  const auto by_actor = all_entries(world_, {.workspace = {}, .actor = "key:bob"});
  EXPECT_EQ(change_of(by_actor[1], "priority")->from, change_of(by_entity[1], "priority")->from);
  EXPECT_EQ(by_actor[0].changes.size(), by_entity[2].changes.size());
}

TEST_F(Audit, TimeSpanHasBothEnds) {
  const auto all = all_entries(world_, {});
  const Timestamp since = all[2].time;  // of position 2
  const Timestamp until = all[1].time;  // of position 3, which shares its time with position 4
  EXPECT_EQ(positions_of(all_entries(world_, {.workspace = {}, .since = since})),
            (std::vector<std::uint64_t>{4, 3, 2}));
  EXPECT_EQ(positions_of(all_entries(world_, {.workspace = {}, .until = since})), (std::vector<std::uint64_t>{2, 1}));
  EXPECT_EQ(positions_of(all_entries(world_, {.workspace = {}, .since = since, .until = until})),
            (std::vector<std::uint64_t>{4, 3, 2}));
  EXPECT_EQ(positions_of(all_entries(world_, {.workspace = {}, .entity = kFirst, .since = until})),
            (std::vector<std::uint64_t>{3, 4}));
  EXPECT_EQ(positions_of(all_entries(world_, {.workspace = {}, .entity = kFirst, .until = since})),
            (std::vector<std::uint64_t>{1}));
}

TEST_F(Audit, APositionRangeIsInclusive) {
  const auto all = positions_of(all_entries(world_, {.workspace = {}}));
  ASSERT_GE(all.size(), 4U);
  EXPECT_EQ(positions_of(all_entries(world_, {.workspace = {}, .first = Position{2}, .last = Position{3}})),
            (std::vector<std::uint64_t>{3, 2}));
  EXPECT_EQ(positions_of(all_entries(world_, {.workspace = {}, .last = Position{1}})), std::vector<std::uint64_t>{1});
  const auto first = positions_of(all_entries(world_, {.workspace = {}, .entity = kFirst}));
  EXPECT_EQ(positions_of(all_entries(
                world_, {.workspace = {}, .entity = kFirst, .first = Position{first[1]}, .last = Position{first[1]}})),
            std::vector<std::uint64_t>{first[1]});
}

TEST_F(Audit, PagesFollowEachOther) {
  for (const std::size_t limit : {1U, 2U, 3U}) {
    EXPECT_EQ(positions_of(all_entries(world_, {.workspace = {}, .limit = limit})),
              (std::vector<std::uint64_t>{4, 3, 2, 1}));
    EXPECT_EQ(positions_of(all_entries(world_, {.workspace = {}, .entity = kFirst, .limit = limit})),
              (std::vector<std::uint64_t>{1, 3, 4}));
  }
}

TEST_F(Audit, ForeignCursorIsRefused) {
  AuditQuery query{.workspace = kHome, .limit = 1};
  query.cursor = world_.catalog->audit(query)->next_cursor;
  query.actor = "key:bob";
  const auto page = world_.catalog->audit(query);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, QueryError::Code::foreign_cursor);
}

TEST_F(Audit, LongStreamPagesInOrderWithEveryChange) {
  for (int round = 0; round < 90; ++round) {
    std::vector<JsonEvent> events;
    for (int event = 0; event < 100; ++event)
      events.push_back({"task.updated", "{\"progress\": " + std::to_string(event) + "}"});
    world_.append(kHome, kSecond, events);
  }
  world_.catch_up("audit");
  const auto entries = all_entries(world_, {.workspace = {}, .entity = kSecond, .limit = 700});
  ASSERT_EQ(entries.size(), 9'001U);
  EXPECT_EQ(change_of(entries[9'000], "progress")->from, "98");
  EXPECT_EQ(change_of(entries[9'000], "progress")->to, "99");
  const auto newest = all_entries(world_, {.workspace = {}, .actor = "key:1", .limit = 3'000});
  EXPECT_EQ(change_of(newest.front(), "progress")->to, "99");
}

TEST_F(Audit, SparseFilterGivesAShortPageThatGoesOn) {
  for (int round = 0; round < 110; ++round) {
    std::vector<JsonEvent> events(100, JsonEvent{"task.updated", R"({"progress": 1})"});
    world_.append(kHome, kSecond, events, "key:busy");
  }
  const AuditQuery query{.workspace = kHome, .entity = kSecond, .actor = "key:nobody"};
  const auto page = world_.catalog->audit(query);
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->entries.empty());
  EXPECT_NE(page->next_cursor, "");
  EXPECT_TRUE(all_entries(world_, query).empty());
}

TEST_F(Audit, RebuildGivesTheSameDigest) {
  ASSERT_TRUE(world_.catalog->rebuild("audit", false));
  world_.step_until([&] { return world_.status("audit").state == Status::State::ready_to_switch; });
  EXPECT_EQ(world_.status("audit").digests_equal, true);
  EXPECT_EQ(world_.status("audit").builds.front().rows, 5U);
}

TEST(Postings, BlockHoldsItsPositions) {
  const std::vector<std::uint64_t> positions{3, 4, 5, 200, 70'000, 70'001, 1ULL << 60};
  EXPECT_EQ(decode_positions(3, encode_distances(positions)), positions);
  EXPECT_EQ(decode_positions(9, ""), std::vector<std::uint64_t>{9});
}

TEST(Postings, DamagedBlockIsNoBlock) {
  EXPECT_EQ(decode_positions(1, std::string("\x80", 1)), std::nullopt);
  EXPECT_EQ(decode_positions(1, std::string("\x00", 1)), std::nullopt);
}

}  // namespace
}  // namespace flowstone::projections
