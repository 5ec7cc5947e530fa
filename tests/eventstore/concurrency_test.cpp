// Histories of racing appends, checked against a model: an append with an expected revision is a compare-and-set on its
// stream.
#include <atomic>
#include <latch>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "base/locked.hpp"
#include "tests/eventstore/store_fixture.hpp"

namespace flowstone::eventstore {
namespace {

// One attempt as its caller saw it. Begin and end are ticks of one counter shared by all threads.
struct Attempt {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::string stream;
  Revision expected;
  bool won = false;
  Revision actual;  // of a lost one: what the store said
  Position position;
};

class Racing : public StoreTest {
 protected:
  std::vector<Attempt> race(std::size_t threads, std::size_t each, std::size_t streams) {
    Locked<std::vector<Attempt>> history;
    std::atomic<std::uint64_t> clock{0};
    std::latch begin(static_cast<std::ptrdiff_t>(threads));
    std::vector<std::thread> racers;
    for (std::size_t thread = 0; thread < threads; ++thread) {
      racers.emplace_back([&, thread] {
        std::mt19937_64 random(thread);
        std::map<std::string, Revision> guess;
        begin.arrive_and_wait();
        for (std::size_t turn = 0; turn < each; ++turn) {
          Attempt attempt;
          attempt.stream = "task-" + std::to_string(random() % streams);
          attempt.expected = guess[attempt.stream];
          const ExpectedRevision expected =
              attempt.expected == Revision{} ? ExpectedRevision(NoStream{}) : attempt.expected;
          attempt.begin = ++clock;
          const auto result = store_->append(append_of(attempt.stream, 1, expected));
          attempt.end = ++clock;
          attempt.won = result.has_value();
          attempt.actual = result ? result->revisions[0] : result.error().actual;
          attempt.position = result ? result->first : Position{};
          guess[attempt.stream] = attempt.actual;
          history.with([&](auto& kept) { kept.push_back(attempt); });
        }
      });
    }
    for (std::thread& racer : racers) racer.join();
    return history.with([](auto& kept) { return std::move(kept); });
  }
};
FLOWSTONE_ON_BOTH_JOURNALS(Racing);

TEST_P(Racing, ExpectedRevisionsAreLinearizable) {
  const std::vector<Attempt> history = race(16, 60, 3);
  // A win at expected revision r is the only one, and takes effect between its begin and its end.
  std::map<std::string, std::map<std::uint64_t, Attempt>> wins;
  for (const Attempt& attempt : history) {
    if (!attempt.won) continue;
    EXPECT_EQ(attempt.actual.value, attempt.expected.value + 1);
    EXPECT_TRUE(wins[attempt.stream].emplace(attempt.actual.value, attempt).second) << "two wins at one revision";
  }
  for (auto& [stream, of_stream] : wins) {
    EXPECT_EQ(of_stream.rbegin()->first, of_stream.size());
    std::uint64_t begun = 0;
    Position position;
    for (const auto& [revision, attempt] : of_stream) {
      EXPECT_GT(attempt.end, begun) << stream << " " << revision << " ended before the one it follows began";
      EXPECT_GT(attempt.position, position);
      begun = std::max(begun, attempt.begin);
      position = attempt.position;
    }
  }
  // A loss must have seen a revision that the stream had at some moment between the loss's begin and end.
  for (const Attempt& attempt : history) {
    if (attempt.won) continue;
    EXPECT_NE(attempt.actual, attempt.expected);
    auto& of_stream = wins[attempt.stream];
    if (attempt.actual.value > 0) EXPECT_LT(of_stream.at(attempt.actual.value).begin, attempt.end);
    const auto next = of_stream.find(attempt.actual.value + 1);
    if (next != of_stream.end()) EXPECT_GT(next->second.end, attempt.begin);
  }
}

TEST_P(Racing, OneCommandSentByManyIsAppendedOnce) {
  constexpr std::size_t kThreads = 32;
  std::latch begin(kThreads);
  Locked<std::multiset<std::uint64_t>> positions;
  std::atomic<int> fresh = 0;
  std::vector<std::thread> senders;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    senders.emplace_back([&] {
      begin.arrive_and_wait();
      for (int number = 0; number < 20; ++number) {
        Append append = append_of("task-1", 1);
        append.command_id = "command-" + std::to_string(number);
        const auto appended = store_->append(append);
        ASSERT_TRUE(appended);
        if (!appended->repeated) ++fresh;
        positions.with([&](auto& seen) { seen.insert(appended->first.value); });
      }
    });
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(fresh, 20);
  EXPECT_EQ(store_->state().durable.value, 20U);
  positions.with([&](const auto& seen) {
    for (std::uint64_t position = 1; position <= 20; ++position) EXPECT_EQ(seen.count(position), kThreads);
  });
}

// Small memories: heads and commands are forgotten and come back from the index, blocks leave the tail.
class Forgetful : public StoreTest {
 protected:
  void SetUp() override {
    stream_heads_ = 8;
    recent_bytes_ = 4'000;
    StoreTest::SetUp();
  }
};
FLOWSTONE_ON_BOTH_JOURNALS(Forgetful);

TEST_P(Forgetful, StreamsStayRightWhenTheirHeadsAreForgotten) {
  std::map<std::string, std::uint64_t> model;
  std::mt19937_64 random(7);
  for (int number = 0; number < 1'500; ++number) {
    const std::string stream = "task-" + std::to_string(random() % 60);
    const std::uint64_t revision = model[stream];
    const ExpectedRevision expected = revision == 0 ? ExpectedRevision(NoStream{}) : Revision{revision};
    ASSERT_TRUE(store_->append(append_of(stream, 1, expected)));
    ++model[stream];
  }
  for (const auto& [stream, revision] : model) EXPECT_EQ(store_->stream_head("w1", stream)->value, revision);
  EXPECT_TRUE(store_->verify({}));
}

TEST_P(Forgetful, FollowersSeeEverythingWhileTheTailMovesOn) {
  std::thread writer([&] {
    for (int number = 0; number < 1'000; ++number) {
      EXPECT_TRUE(store_->append(append_of("task-" + std::to_string(number % 5), 1)));
    }
  });
  std::uint64_t seen = 0;
  while (seen < 1'000) {
    store_->wait_beyond({seen}, std::chrono::seconds(60), {});
    for (const SeenEvent& event : all_of(store_->read({}, {.from = {seen + 1}})))
      ASSERT_EQ(event.position.value, ++seen);
  }
  writer.join();
}

// A queue that holds little.
class Crowded : public StoreTest {
 protected:
  void SetUp() override {
    queue_bytes_ = 20'000;
    StoreTest::SetUp();
  }
};
FLOWSTONE_ON_BOTH_JOURNALS(Crowded);

TEST_P(Crowded, AFullQueueRefusesAndLosesNothing) {
  std::latch may_go(1);
  std::latch is_held(1);
  auto holding = store_->on_commit([&, first = true](Position) mutable {
    if (!std::exchange(first, false)) return;
    is_held.count_down();
    may_go.wait();  // the sequencer stands still
  });
  ASSERT_TRUE(store_->append(append_of("task-0", 1)));
  is_held.wait();
  std::atomic<int> done = 0;
  std::atomic<int> refused = 0;
  constexpr int kAppends = 200;
  for (int number = 0; number < kAppends; ++number) {
    store_->append(append_of("task-1", 1), [&](AppendResult result) {
      if (result) {
        ++done;
      } else {
        EXPECT_EQ(result.error().code, AppendErrorCode::queue_full);
        ++refused;
      }
    });
  }
  EXPECT_GT(refused, 0);
  EXPECT_LE(store_->metrics().queued_bytes, queue_bytes_);
  EXPECT_GT(store_->metrics().queued_bytes, queue_bytes_ / 2);
  may_go.count_down();
  store_.reset();  // finishes what is queued
  EXPECT_EQ(done + refused, kAppends);
  EXPECT_GT(done, 0);
  holding.reset();
  open();
  EXPECT_EQ(store_->state().durable.value, 1U + static_cast<std::uint64_t>(done));
}

}  // namespace
}  // namespace flowstone::eventstore
