#include <set>
#include <thread>

#include "eventstore/merkle.hpp"
#include "eventstore/record.hpp"
#include "tests/eventstore/store_fixture.hpp"

namespace flowstone::eventstore {
namespace {

using Positions = std::vector<std::uint64_t>;

// Thirty events: position p is of stream task-(p % 3), except every fifth, which is of note-1; every seventh in w2.
class Reading : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    for (std::uint64_t position = 1; position <= 30; ++position) {
      Append append = append_of(position % 5 == 0 ? "note-1" : "task-" + std::to_string(position % 3), 1);
      if (position % 7 == 0) append.workspace = "w2";
      append.actor = position % 2 == 0 ? "key:even" : "key:odd";
      ASSERT_TRUE(store_->append(std::move(append)));
      if (position == 20) reopen();
    }
  }

  template <class Predicate>
  static Positions where(Predicate wanted, std::uint64_t from = 1, std::uint64_t to = 30) {
    Positions positions;
    for (std::uint64_t position = from; position <= to; ++position) {
      if (wanted(position)) positions.push_back(position);
    }
    return positions;
  }
  static Positions reversed(Positions positions) { return {positions.rbegin(), positions.rend()}; }

  void expect_both_ways(const Filter& filter, const Positions& expected) {
    EXPECT_EQ(positions_of(store_->read(filter, {})), expected);
    EXPECT_EQ(positions_of(store_->read(filter, {.from = {}, .to = {}, .direction = Direction::backward})),
              reversed(expected));
    wait_indexed();
    EXPECT_EQ(positions_of(store_->read(filter, {})), expected);
    EXPECT_EQ(positions_of(store_->read(filter, {.from = {}, .to = {}, .direction = Direction::backward})),
              reversed(expected));
  }
};
FLOWSTONE_ON_BOTH_JOURNALS(Reading);

TEST_P(Reading, EverythingComesInOrderBothWays) {
  expect_both_ways({}, where([](auto) { return true; }));
}

TEST_P(Reading, ByStream) {
  Filter filter;
  filter.workspace = "w1";
  filter.stream = "task-1";
  expect_both_ways(filter, where([](auto p) { return p % 5 != 0 && p % 3 == 1 && p % 7 != 0; }));
}

TEST_P(Reading, ByTypeInOneWorkspaceAndInAll) {
  Filter filter;
  filter.types = {"note.happened"};
  expect_both_ways(filter, where([](auto p) { return p % 5 == 0; }));
  filter.workspace = "w1";
  expect_both_ways(filter, where([](auto p) { return p % 5 == 0 && p % 7 != 0; }));
}

TEST_P(Reading, BySeveralCategories) {
  Filter filter;
  filter.categories = {"note", "task", "unknown"};
  expect_both_ways(filter, where([](auto) { return true; }));
  filter.categories = {"task"};
  filter.workspace = "w2";
  expect_both_ways(filter, where([](auto p) { return p % 5 != 0 && p % 7 == 0; }));
}

TEST_P(Reading, ByActorScans) {
  Filter filter;
  filter.actor = "key:even";
  expect_both_ways(filter, where([](auto p) { return p % 2 == 0; }));
}

TEST_P(Reading, KeepsToTheRangeAskedFor) {
  Filter notes;
  notes.categories = {"note"};
  EXPECT_EQ(positions_of(store_->read(notes, {.from = {6}, .to = {20}})), (Positions{10, 15, 20}));
  EXPECT_EQ(positions_of(store_->read(notes, {.from = {19}, .to = {5}, .direction = Direction::backward})),
            (Positions{15, 10, 5}));
  EXPECT_EQ(positions_of(store_->read({}, {.from = {28}, .to = {99}})), (Positions{28, 29, 30}));
  EXPECT_EQ(positions_of(store_->read({}, {.from = {31}})), Positions{});
}

TEST_P(Reading, StopsAfterTheNumberOfPositionsToExamine) {
  Filter notes;
  notes.categories = {"note"};
  auto forward = store_->read(notes, {.from = {1}, .to = {}, .direction = Direction::forward, .examine_at_most = 12});
  ASSERT_TRUE(forward);
  EXPECT_EQ((*forward)->examined().value, 0U);
  Reader& reader = **forward;
  EXPECT_EQ((*reader.next())->position.value, 5U);
  EXPECT_EQ(reader.examined().value, 5U);
  EXPECT_EQ((*reader.next())->position.value, 10U);
  EXPECT_EQ(*reader.next(), nullptr);
  EXPECT_EQ(reader.examined().value, 12U);
  auto backward = store_->read(notes, {.from = {}, .to = {}, .direction = Direction::backward, .examine_at_most = 3});
  ASSERT_TRUE(backward);
  EXPECT_EQ((*(*backward)->next())->position.value, 30U);
  EXPECT_EQ(*(*backward)->next(), nullptr);
  EXPECT_EQ((*backward)->examined().value, 28U);
}

TEST_P(Reading, AStreamByItsRevisions) {
  const auto of_note = [&](Revision from, Direction direction) {
    std::vector<std::uint64_t> revisions;
    for (const SeenEvent& event : all_of(store_->read_stream("w1", "note-1", from, direction))) {
      revisions.push_back(event.revision.value);
    }
    return revisions;
  };
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(of_note({}, Direction::forward), (Positions{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(of_note({4}, Direction::forward), (Positions{4, 5, 6}));
    EXPECT_EQ(of_note({7}, Direction::forward), Positions{});
    EXPECT_EQ(of_note({}, Direction::backward), (Positions{6, 5, 4, 3, 2, 1}));
    EXPECT_EQ(of_note({2}, Direction::backward), (Positions{2, 1}));
    EXPECT_EQ(of_note({99}, Direction::backward), (Positions{6, 5, 4, 3, 2, 1}));
    wait_indexed();
  }
  EXPECT_EQ(store_->stream_head("w1", "note-1")->value, 6U);
  EXPECT_EQ(store_->stream_head("w1", "note-2")->value, 0U);
}

TEST_P(Reading, UntilATimeAndPositionAtATime) {
  auto reader = store_->read({}, {.from = {12}});
  ASSERT_TRUE(reader);
  const Timestamp twelfth = (*(*reader)->next())->time;
  const auto at = store_->position_at(twelfth);
  ASSERT_TRUE(at);
  EXPECT_GE(at->value, 12U);
  EXPECT_EQ(store_->position_at({0})->value, 0U);
  EXPECT_EQ(store_->position_at({INT64_MAX})->value, 30U);
  Filter filter;
  filter.until = twelfth;
  EXPECT_EQ(positions_of(store_->read(filter, {})), where([](auto) { return true; }, 1, at->value));
}

TEST_P(Reading, WaitsForTheNextCommit) {
  std::thread writer([&] { EXPECT_TRUE(store_->append(append_of("task-9", 1))); });
  EXPECT_EQ(store_->wait_beyond({30}, std::chrono::seconds(60), {}).value, 31U);
  writer.join();
  EXPECT_EQ(store_->wait_beyond({31}, std::chrono::milliseconds(1), {}).value, 31U);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(store_->wait_beyond({31}, std::chrono::hours(1), stop.get_token()).value, 31U);
}

TEST_P(Reading, ListenersHearOfEachCommitUntilTheyLeave) {
  std::set<std::uint64_t> heard;
  auto listening = store_->on_commit([&](Position durable) { heard.insert(durable.value); });
  ASSERT_TRUE(store_->append(append_of("task-1", 1)));
  ASSERT_TRUE(store_->append(append_of("task-1", 1)));
  // The listeners of a commit are told before the next commit is answered.
  ASSERT_TRUE(store_->append(append_of("task-1", 1)));
  listening.reset();
  EXPECT_TRUE(heard.contains(31));
  EXPECT_TRUE(heard.contains(32));
}

TEST_P(Reading, TheTreeOfASizeIsTheOneThatWasCommitted) {
  ASSERT_TRUE(store_->verify({}));
  const TreeHead head = store_->tree_head();
  EXPECT_EQ(store_->tree_head_at({30})->root, head.root);
  EXPECT_EQ(store_->tree_head_at({0})->root, sha256(""));
  EXPECT_FALSE(store_->tree_head_at({31}));
}

TEST_P(Reading, ProofsFromTheStoreConvinceAnOutsider) {
  const TreeHead head = store_->tree_head();
  auto reader = store_->read({}, {});
  ASSERT_TRUE(reader);
  for (std::uint64_t position = 1; position <= 30; ++position) {
    const RecordedEvent* const event = *(*reader)->next();
    Bytes record;
    encode_record(record, *event);
    const auto inclusion = store_->inclusion_proof({position}, head.size);
    ASSERT_TRUE(inclusion);
    EXPECT_TRUE(verify_inclusion(leaf_hash(record_header(record)), position - 1, 30, *inclusion, head.root));
    const auto consistency = store_->consistency_proof({position}, head.size);
    ASSERT_TRUE(consistency);
    EXPECT_TRUE(verify_consistency(position, 30, store_->tree_head_at({position})->root, head.root, *consistency));
  }
  EXPECT_FALSE(store_->inclusion_proof({31}, {30}));
  EXPECT_FALSE(store_->inclusion_proof({0}, {30}));
  EXPECT_FALSE(store_->inclusion_proof({1}, {31}));
  EXPECT_FALSE(store_->consistency_proof({2}, {1}));
}

}  // namespace
}  // namespace flowstone::eventstore
