// Promises of the store's headers that need no story: bounds, order, figures, what is not there.
#include <atomic>
#include <fstream>
#include <latch>
#include <thread>

#include "base/locked.hpp"
#include "eventstore/block.hpp"
#include "eventstore/checksum.hpp"
#include "eventstore/log_tail.hpp"
#include "eventstore/recent_map.hpp"
#include "eventstore/submission_queue.hpp"
#include "tests/eventstore/store_fixture.hpp"

namespace flowstone::eventstore {
namespace {

class Promises : public StoreTest {};
FLOWSTONE_ON_BOTH_JOURNALS(Promises);

TEST_P(Promises, WhatIsJustWithinTheLimitsIsTaken) {
  const std::string longest(Limits::kNameBytes, 'x');
  Append append = append_of(longest, 1);
  append.workspace = append.actor = append.command_id = append.causation = longest;
  append.correlation = append.request_id = append.traceparent = longest;
  append.writes[0].events[0].type = longest;
  EXPECT_TRUE(store_->append(append));
  append = append_of("task-1", Limits::kAppendBytes / Limits::kPayloadBytes);
  for (NewEvent& event : append.writes[0].events) event.payload.assign(Limits::kPayloadBytes, 'x');
  const auto taken = store_->append(append);
  EXPECT_TRUE(taken) << taken.error().detail;
  EXPECT_TRUE(store_->verify({}));
}

TEST_P(Promises, OneByteOrWriteBeyondTheLimitsOfAnAppendIsRefused) {
  Append append = append_of("task-1", Limits::kAppendBytes / Limits::kPayloadBytes);
  for (NewEvent& event : append.writes[0].events) event.payload.assign(Limits::kPayloadBytes, 'x');
  append.writes[0].events.push_back({.type = "task.happened", .schema_version = 1, .payload = "x"});
  auto refused = store_->append(append);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find("bytes of payload"), std::string::npos) << refused.error().detail;
  append = append_of("task-1", 1);
  append.writes.resize(Limits::kEventsPerAppend + 1, {.stream = "task-2", .expected = AnyRevision{}, .events = {}});
  refused = store_->append(append);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find("10001 writes"), std::string::npos) << refused.error().detail;
  EXPECT_EQ(store_->state().durable.value, 0U);
}

TEST_P(Promises, CompletionsRunOnceEachInTheOrderOfTheLog) {
  constexpr std::size_t kThreads = 8;
  constexpr std::size_t kEach = 200;
  Locked<std::vector<std::uint64_t>> completed;
  std::latch begin(kThreads);
  std::vector<std::thread> writers;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    writers.emplace_back([&, thread] {
      begin.arrive_and_wait();
      for (std::size_t each = 0; each < kEach; ++each) {
        store_->append(append_of("task-" + std::to_string(thread), 1), [&](AppendResult result) {
          completed.with([&](auto& seen) { seen.push_back(result->first.value); });
        });
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  store_.reset();  // finishes what is queued
  completed.with([](const auto& seen) {
    ASSERT_EQ(seen.size(), kThreads * kEach);
    for (std::size_t at = 0; at < seen.size(); ++at) ASSERT_EQ(seen[at], at + 1);
  });
}

TEST_P(Promises, EventsOfOneAppendStandTogetherAmongThoseOfOthers) {
  constexpr std::size_t kThreads = 8;
  std::vector<std::thread> writers;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    writers.emplace_back([&, thread] {
      for (int each = 0; each < 40; ++each) {
        Append append = append_of("task-" + std::to_string(thread), 2);
        append.writes.push_back(append_of("note-" + std::to_string(thread), 3).writes[0]);
        append.request_id = std::to_string(thread) + "." + std::to_string(each);
        EXPECT_TRUE(store_->append(append));
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  const auto reader = store_->read({}, {});
  ASSERT_TRUE(reader);
  std::string of_append;
  for (std::uint64_t at = 0; at < kThreads * 40 * 5; ++at) {
    const auto event = (*reader)->next();
    ASSERT_TRUE(event && *event != nullptr);
    if (at % 5 == 0) of_append = (*event)->request_id;
    EXPECT_EQ((*event)->request_id, of_append);
    EXPECT_EQ((*event)->category(), at % 5 < 2 ? "task" : "note");
    EXPECT_EQ((*event)->append_first.value, at / 5 * 5 + 1);
  }
}

TEST_P(Promises, AReaderSeesTheLogAsItWasWhenItWasMade) {
  ASSERT_TRUE(store_->append(append_of("task-1", 2)));
  auto all = store_->read({}, {});
  auto of_stream = store_->read_stream("w1", "task-1", {});
  ASSERT_TRUE(store_->append(append_of("task-1", 3)));
  wait_indexed();
  EXPECT_EQ(positions_of(std::move(all)), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(positions_of(std::move(of_stream)), (std::vector<std::uint64_t>{1, 2}));
}

TEST_P(Promises, AListenerHasLeftItsCallWhenItsHandleIsGone) {
  std::latch inside(1);
  std::atomic<bool> left = false;
  auto listening = store_->on_commit([&](Position) {
    inside.count_down();
    for (int turn = 0; turn < 20'000; ++turn) std::this_thread::yield();
    left = true;
  });
  store_->append(append_of("task-1", 1), [](AppendResult) {});
  inside.wait();
  listening.reset();
  EXPECT_TRUE(left);
}

TEST_P(Promises, FiguresCountWhatHappened) {
  Append command = append_of("task-1", 3);
  command.command_id = "c1";
  ASSERT_TRUE(store_->append(command));
  ASSERT_TRUE(store_->append(command));                              // repeated: no append
  ASSERT_FALSE(store_->append(append_of("task-1", 1, NoStream{})));  // refused
  ASSERT_TRUE(store_->append(append_of("task-2", 1)));
  const auto figures = store_->metrics();
  EXPECT_EQ(figures.appends, 2U);
  EXPECT_EQ(figures.events, 4U);
  EXPECT_EQ(figures.refused, 1U);
  EXPECT_EQ(figures.payload_bytes, 4 * std::string("payload 0").size());
  EXPECT_EQ(figures.syncs, 2U);
  EXPECT_GT(figures.sync_seconds, 0);
}

TEST_P(Promises, TheTimeNeverGoesBack) {
  class Backward final : public Clock {
   public:
    [[nodiscard]] Timestamp now() const override { return {now_ -= 1'000}; }

   private:
    mutable std::int64_t now_ = 1'795'608'000'000'000;
  };
  const Backward clock;
  const ScratchDirectory directory("flowstone-clock");
  StoreOptions options;
  options.directory = directory.path();
  options.clock = &clock;
  if (GetParam() == JournalKind::memory) options.journal = make_memory_journal();
  Timestamp last;
  for (int pass = 0; pass < 2; ++pass) {
    const auto store = Store::open(options);
    ASSERT_TRUE(store) << store.error().detail;
    for (int number = 0; number < 3; ++number) {
      const auto appended = (*store)->append(append_of("task-1", 1));
      ASSERT_TRUE(appended);
      EXPECT_GE(appended->time, last);
      last = appended->time;
    }
  }
}

class Head : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(open());
    for (int number = 0; number < 3; ++number) ASSERT_TRUE(store_->append(append_of("task-1", 1)));
    store_.reset();
  }
  Result<void, StoreError> open() {
    StoreOptions options;
    options.directory = directory_.path();
    FLOWSTONE_TRY(store_, Store::open(options));
    return {};
  }
  // Byte `at` of HEAD, changed; with a checksum that fits if `sealed`.
  void change(std::size_t at, bool sealed) {
    std::fstream file(directory_.path() / "HEAD", std::ios::in | std::ios::out | std::ios::binary);
    Bytes bytes(56, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    ASSERT_EQ(file.gcount(), 56);
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    if (sealed) put_fixed(bytes.data() + 52, crc32c(BytesView(bytes).substr(0, 52)));
    file.seekp(0);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  ScratchDirectory directory_{"flowstone-head"};
  std::unique_ptr<Store> store_;
};

TEST_F(Head, LostOrTornSaysNothing) {
  change(20, false);
  EXPECT_TRUE(open());
  store_.reset();
  std::filesystem::resize_file(directory_.path() / "HEAD", 20);
  EXPECT_TRUE(open());
  store_.reset();
  std::filesystem::remove(directory_.path() / "HEAD");
  EXPECT_TRUE(open());
  EXPECT_EQ(store_->state().durable.value, 3U);
}

TEST_F(Head, AnotherRootThanTheLogsIsRefused) {
  change(20, true);
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, StoreError::Code::corrupt);
  EXPECT_EQ(opened.error().position.value, 3U);
  EXPECT_NE(opened.error().detail.find("acknowledged"), std::string::npos) << opened.error().detail;
}

TEST(Opening, WhereNoDirectoryCanBeIsAnErrorThatNamesIt) {
  const ScratchDirectory directory("flowstone-file");
  std::ofstream(directory.path() / "file") << "here";
  StoreOptions options;
  options.directory = directory.path() / "file" / "data";
  const auto opened = Store::open(options);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, StoreError::Code::io);
  EXPECT_NE(opened.error().detail.find("file/data"), std::string::npos) << opened.error().detail;
}

TEST(Block, OneLargerThanAReaderAcceptsIsRefused) {
  BlockReader reader;
  const auto opened = reader.open(Bytes(BlockLayout::kAtMost + 1, '\0'));
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().find("67108865 bytes"), std::string::npos) << opened.error();
}

Submission submission_of(std::size_t bytes) {
  Submission submission;
  submission.records.assign(bytes - submission.cost(), 'x');
  return submission;
}

TEST(SubmissionQueue, RefusesBeyondItsBytesUntilSomeAreReleased) {
  SubmissionQueue queue(3'000);
  const auto put = [&](std::size_t bytes) {
    Submission submission = submission_of(bytes);
    return queue.put(submission);
  };
  using Put = SubmissionQueue::Put;
  EXPECT_EQ(put(1'000), Put::queued);
  EXPECT_EQ(put(2'000), Put::queued);
  EXPECT_EQ(put(500), Put::full);
  std::vector<Submission> batch;
  ASSERT_TRUE(queue.take(batch));
  EXPECT_EQ(batch.size(), 2U);
  EXPECT_EQ(put(500), Put::full) << "what was taken still counts";
  queue.release(3'000);
  EXPECT_EQ(queue.bytes(), 0U);
  EXPECT_EQ(put(9'000), Put::queued) << "alone, even one that is too large";
  EXPECT_EQ(put(500), Put::full);
}

TEST(SubmissionQueue, TakesNothingMoreOnceClosedAndGivesWhatIsLeft) {
  SubmissionQueue queue(3'000);
  Submission first = submission_of(1'000);
  Submission second = submission_of(1'000);
  ASSERT_EQ(queue.put(first), SubmissionQueue::Put::queued);
  queue.close();
  EXPECT_EQ(queue.put(second), SubmissionQueue::Put::closed);
  EXPECT_FALSE(second.records.empty()) << "moved from only if it was queued";
  std::vector<Submission> batch;
  EXPECT_TRUE(queue.take(batch));
  EXPECT_EQ(batch.size(), 1U);
  EXPECT_FALSE(queue.take(batch));
}

SharedBlock block_of(std::uint64_t number, std::size_t bytes) {
  auto block = std::make_shared<CommittedBlock>();
  block->number = number;
  block->first = {number};
  block->events = 1;
  block->bytes.assign(bytes, 'x');
  return block;
}

TEST(LogTail, KeepsRecentBytesAndBeyondThemOnlyWhatIsNotIndexed) {
  LogTail tail(10'000, {});
  for (std::uint64_t number = 1; number <= 9; ++number) tail.publish({block_of(number, 4'000)});
  EXPECT_EQ(tail.unindexed().size(), 9U);
  EXPECT_NE(tail.find({1}), nullptr);
  tail.mark_indexed(8, {8});
  EXPECT_EQ(tail.find({7}), nullptr);
  EXPECT_NE(tail.find({8}), nullptr);
  EXPECT_EQ(tail.unindexed().size(), 1U);
  EXPECT_EQ(tail.durable().value, 9U);
}

TEST(LogTail, TheWriterWaitsWhileTooMuchIsUnindexed) {
  LogTail tail(10'000, {});
  for (std::uint64_t number = 1; number <= 3; ++number) tail.publish({block_of(number, 4'000)});
  std::atomic<bool> indexed = false;
  std::thread indexer([&] {
    indexed = true;
    tail.mark_indexed(2, {2});
  });
  tail.wait_for_room();
  EXPECT_TRUE(indexed);
  indexer.join();
}

TEST(RecentMap, HoldsTwoGenerationsAtMostAndKeepsWhatIsTouched) {
  RecentMap<int> map(100);
  std::size_t rotations = 0;
  map.put("touched", 0);
  for (int number = 0; number < 1'000; ++number) {
    map.put(std::to_string(number), number);
    ASSERT_NE(map.find("touched"), nullptr);
    if (!map.full()) continue;
    map.rotate();
    ++rotations;
  }
  EXPECT_GE(rotations, 1'000U / 51);
  std::size_t kept = 0;
  for (int number = 0; number < 1'000; ++number) kept += map.find(std::to_string(number)) != nullptr ? 1 : 0;
  EXPECT_LE(kept, 102U);
  EXPECT_GE(kept, 50U);
}

}  // namespace
}  // namespace flowstone::eventstore
