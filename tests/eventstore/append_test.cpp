#include <atomic>
#include <latch>
#include <map>
#include <set>
#include <thread>

#include "tests/eventstore/store_fixture.hpp"

namespace flowstone::eventstore {
namespace {

class Appending : public StoreTest {};
FLOWSTONE_ON_BOTH_JOURNALS(Appending);

TEST_P(Appending, GivesDensePositionsAndRevisions) {
  const auto first = store_->append(append_of("task-1", 2));
  const auto second = store_->append(append_of("task-2", 1));
  const auto third = store_->append(append_of("task-1", 1));
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  ASSERT_TRUE(third);
  EXPECT_EQ(first->first.value, 1U);
  EXPECT_EQ(first->last.value, 2U);
  EXPECT_EQ(second->first.value, 3U);
  EXPECT_EQ(third->last.value, 4U);
  EXPECT_EQ(third->revisions, std::vector<Revision>{{3}});
  EXPECT_EQ(store_->state().durable.value, 4U);
  EXPECT_EQ(store_->tree_head().size.value, 4U);
}

TEST_P(Appending, RefusesAnotherRevisionThanExpected) {
  ASSERT_TRUE(store_->append(append_of("task-1", 2, NoStream{})));
  const auto again = store_->append(append_of("task-1", 1, NoStream{}));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, AppendErrorCode::wrong_expected_revision);
  EXPECT_EQ(again.error().actual.value, 2U);
  EXPECT_FALSE(store_->append(append_of("task-1", 1, Revision{1})));
  EXPECT_FALSE(store_->append(append_of("task-2", 1, Revision{1})));
  EXPECT_TRUE(store_->append(append_of("task-1", 1, Revision{2})));
  EXPECT_EQ(store_->state().durable.value, 3U);
}

TEST_P(Appending, OverSeveralStreamsIsAllOrNothing) {
  ASSERT_TRUE(store_->append(append_of("task-1", 1)));
  Append both = append_of("task-2", 2, NoStream{});
  both.writes.push_back(append_of("task-1", 1, Revision{7}).writes[0]);
  const auto refused = store_->append(both);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().write, 1U);
  EXPECT_EQ(refused.error().actual.value, 1U);
  EXPECT_EQ(store_->stream_head("w1", "task-2")->value, 0U);

  both.writes[1].expected = Revision{1};
  const auto done = store_->append(both);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->first.value, 2U);
  EXPECT_EQ(done->last.value, 4U);
  EXPECT_EQ(done->revisions, (std::vector<Revision>{{2}, {2}}));
}

TEST_P(Appending, CanCheckAStreamWithoutWritingToIt) {
  ASSERT_TRUE(store_->append(append_of("task-1", 1)));
  Append append = append_of("task-2", 1);
  append.writes.push_back({.stream = "task-1", .expected = Revision{1}, .events = {}});
  const auto done = store_->append(append);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->revisions, (std::vector<Revision>{{1}, {1}}));
  EXPECT_EQ(store_->stream_head("w1", "task-1")->value, 1U);
}

TEST_P(Appending, TheSameCommandTwiceIsOneAppendAlsoAfterARestart) {
  Append append = append_of("task-1", 2);
  append.command_id = "command-1";
  append.fingerprint = sha256("request");
  const auto first = store_->append(append);
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->repeated);
  const auto expect_same = [&] {
    const auto again = store_->append(append);
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->repeated);
    EXPECT_EQ(again->first, first->first);
    EXPECT_EQ(again->last, first->last);
    EXPECT_EQ(again->revisions, first->revisions);
    EXPECT_EQ(again->time, first->time);
    const auto found = store_->find_command("w1", "command-1");
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->answer.last, first->last);
    EXPECT_EQ((*found)->fingerprint, append.fingerprint);
  };
  expect_same();
  reopen();
  expect_same();
  EXPECT_EQ(store_->state().durable.value, 2U);
}

TEST_P(Appending, ACommandWithoutEventsIsRememberedToo) {
  Append append = append_of("task-1", 0, NoStream{});
  append.command_id = "nothing-to-do";
  const auto first = store_->append(append);
  ASSERT_TRUE(first);
  EXPECT_GT(first->first, first->last);
  ASSERT_TRUE(store_->append(append_of("task-1", 3)));
  reopen();
  const auto again = store_->append(append);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->first, first->first);
  EXPECT_EQ(positions_of(store_->read({}, {})), (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST_P(Appending, ACommandIdWithAnotherFingerprintIsRefused) {
  Append append = append_of("task-1", 1);
  append.command_id = "command-1";
  ASSERT_TRUE(store_->append(append));
  append.fingerprint = sha256("another request");
  const auto again = store_->append(append);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, AppendErrorCode::command_id_reused);
  append.workspace = "w2";
  EXPECT_TRUE(store_->append(append));
}

TEST_P(Appending, KeepsCountingAfterARestart) {
  ASSERT_TRUE(store_->append(append_of("task-1", 2)));
  const TreeHead before = store_->tree_head();
  reopen();
  EXPECT_EQ(store_->tree_head().root, before.root);
  EXPECT_EQ(store_->state().indexed.value, 2U);
  const auto next = store_->append(append_of("task-1", 1, Revision{2}));
  ASSERT_TRUE(next);
  EXPECT_EQ(next->first.value, 3U);
}

TEST_P(Appending, FromManyThreadsGivesEachPositionAndRevisionOnce) {
  constexpr std::size_t kThreads = 64;
  constexpr std::size_t kEach = 40;
  std::vector<std::thread> threads;
  std::latch begin(kThreads);
  std::atomic<std::size_t> failures = 0;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      begin.arrive_and_wait();
      for (std::size_t each = 0; each < kEach; ++each) {
        if (!store_->append(append_of("task-" + std::to_string((thread + each) % 7), 1 + each % 3))) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0U);

  std::uint64_t expected = 0;
  std::map<std::string, std::uint64_t> revisions;
  for (const SeenEvent& event : all_of(store_->read({}, {}))) {
    EXPECT_EQ(event.position.value, ++expected);
    EXPECT_EQ(event.revision.value, ++revisions[event.stream]);
  }
  EXPECT_EQ(expected, store_->state().durable.value);
  const auto verified = store_->verify({});
  ASSERT_TRUE(verified) << verified.error().detail;
  EXPECT_EQ(verified->recomputed.root, store_->tree_head().root);
}

TEST_P(Appending, RefusesNamesAndSizesOutOfBounds) {
  const auto expect_invalid = [&](Append append) {
    const auto refused = store_->append(std::move(append));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, AppendErrorCode::invalid) << refused.error().detail;
    EXPECT_FALSE(refused.error().detail.empty());
  };
  expect_invalid(append_of("", 1));
  expect_invalid(append_of("task-" + std::string(Limits::kNameBytes, 'x'), 1));
  expect_invalid(append_of("task one", 1));
  Append append = append_of("task-1", 1);
  append.workspace.clear();
  expect_invalid(append);
  append = append_of("task-1", 1);
  append.actor = std::string("a\0b", 3);
  expect_invalid(append);
  append = append_of("task-1", 1);
  append.writes[0].events[0].payload.assign(Limits::kPayloadBytes + 1, 'x');
  expect_invalid(append);
  expect_invalid(append_of("task-1", Limits::kEventsPerAppend + 1));
  EXPECT_EQ(store_->state().durable.value, 0U);
  EXPECT_TRUE(store_->append(append_of("task-1", Limits::kEventsPerAppend)));
}

}  // namespace
}  // namespace flowstone::eventstore
