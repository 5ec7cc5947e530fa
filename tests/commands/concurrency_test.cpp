#include <atomic>
#include <barrier>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "tests/commands/executor_fixture.hpp"

namespace flowstone::commands {
namespace {

class ConcurrencyTest : public ExecutorTest {};
INSTANTIATE_TEST_SUITE_P(OnEmbeddedJournal, ConcurrencyTest, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(OnMemoryJournal, ConcurrencyTest, testing::Values(true));

void on_threads(int count, const std::function<void(int)>& work) {
  std::barrier start(count);
  std::vector<std::jthread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      work(i);
    });
  }
}

TEST_P(ConcurrencyTest, SixtyFourWritersOfOneTaskLoseNoUpdate) {
  const auto task = succeed(command("create_task", "", R"({"title":"Write"})"));
  constexpr int kThreads = 64, kUpdates = 8;
  Locked<std::set<std::uint64_t>> revisions;
  on_threads(kThreads, [&](int thread) {
    for (int i = 0; i < kUpdates; ++i) {
      const auto title = std::to_string(thread) + "." + std::to_string(i);
      const auto outcome = succeed(command("update_task", task.id, R"({"title":")" + title + R"("})"));
      EXPECT_EQ(field_of("task", outcome, "title"), '"' + title + '"');
      revisions.with([&](auto& seen) { EXPECT_TRUE(seen.insert(outcome.revision.value).second); });
    }
  });
  EXPECT_EQ(store_->stream_head(kWorkspace, "task-" + task.id), Revision{1 + kThreads * kUpdates});
  EXPECT_EQ(revisions.with([](auto& seen) { return seen.size(); }), std::size_t{kThreads * kUpdates});
}

TEST_P(ConcurrencyTest, OneOfManyCompletionsChangesTheTask) {
  const auto task = succeed(command("create_task", "", R"({"title":"Write"})"));
  std::atomic<int> changed{0};
  on_threads(64, [&](int) { changed += succeed(command("complete_task", task.id)).changed ? 1 : 0; });
  EXPECT_EQ(changed, 1);
  EXPECT_EQ(head(), Position{2});
}

TEST_P(ConcurrencyTest, OfManyWithTheSameIfMatchOneWins) {
  const auto task = succeed(command("create_task", "", R"({"title":"Write"})"));
  std::atomic<int> won{0}, stale{0};
  on_threads(64, [&](int thread) {
    auto update = command("update_task", task.id, R"({"title":")" + std::to_string(thread) + R"("})");
    update.if_match = Revision{1};
    const auto result = executor_->execute(std::move(update));
    if (result) {
      ++won;
    } else {
      EXPECT_EQ(result.error().code, CommandError::Code::revision_mismatch);
      EXPECT_EQ(result.error().current, Revision{2});
      ++stale;
    }
  });
  EXPECT_EQ(won, 1);
  EXPECT_EQ(stale, 63);
}

TEST_P(ConcurrencyTest, ManyCreatesWithOneIdMakeOneTask) {
  const auto id = ids_.fresh();
  std::atomic<int> created{0};
  on_threads(32, [&](int) {
    const auto result = executor_->execute(command("create_task", id, R"({"title":"Write"})"));
    if (result) {
      ++created;
    } else {
      EXPECT_EQ(result.error().rejection.code, "task_exists");
    }
  });
  EXPECT_EQ(created, 1);
}

TEST_P(ConcurrencyTest, TwoCommandsAtOnceOnOneEntityBothGetThrough) {
  const auto task = succeed(command("create_task", "", R"({"title":"Write"})"));
  std::counting_semaphore<> here{0};
  std::vector<CommandResult> results(100);
  for (std::size_t i = 0; i < results.size(); ++i) {
    executor_->execute(command("update_task", task.id, R"({"title":")" + std::to_string(i) + R"("})"),
                       [&, i](CommandResult result) {
                         results[i] = std::move(result);
                         here.release();
                       });
  }
  for (std::size_t i = 0; i < results.size(); ++i) here.acquire();
  for (std::size_t i = 0; i < results.size(); ++i) {
    ASSERT_TRUE(results[i]);
    EXPECT_EQ(results[i]->revision, Revision{2 + i});  // first come, first served
  }
}

TEST_P(ConcurrencyTest, TheLineBehindOneEntityIsBounded) {
  options_.waiting_per_entity = 2;
  reopen();
  const auto task = succeed(command("create_task", "", R"({"title":"Write"})"));
  std::counting_semaphore<> here{0};
  std::atomic<int> busy{0}, carried_out{0};
  constexpr int kCommands = 200;
  for (int i = 0; i < kCommands; ++i) {
    executor_->execute(command("update_task", task.id, R"({"title":")" + std::to_string(i) + R"("})"),
                       [&](const CommandResult& result) {
                         if (result) {
                           ++carried_out;
                         } else if (result.error().code == CommandError::Code::busy) {
                           ++busy;
                         }
                         here.release();
                       });
  }
  for (int i = 0; i < kCommands; ++i) here.acquire();
  EXPECT_EQ(busy + carried_out, kCommands);
  EXPECT_GT(busy, 0);
  EXPECT_GE(carried_out, 3);
  EXPECT_EQ(store_->stream_head(kWorkspace, "task-" + task.id), Revision{1 + static_cast<std::uint64_t>(carried_out)});
}

TEST_P(ConcurrencyTest, AnAppendFromElsewhereIsSeenAndDecidedAnew) {
  const auto task = succeed(command("create_task", "", R"({"title":"Write"})"));
  eventstore::Append foreign;
  foreign.workspace = kWorkspace;
  foreign.actor = "worker:other";
  const auto decided = domain::find_aggregate_type("task")->load(task.row)->decide(
      *schemas::contracts().find_command("complete_task")->command, command("complete_task", task.id).body,
      {.now = clock_.now(), .actor = "worker:other", .id = task.id});
  ASSERT_TRUE(decided);
  foreign.writes.push_back({.stream = "task-" + task.id,
                            .expected = Revision{1},
                            .events = {{.type = "task.completed", .payload = decided->front().payload}}});
  ASSERT_TRUE(store_->append(std::move(foreign)));
  const auto reopened = succeed(command("update_task", task.id, R"({"title":"Wrote"})"));
  EXPECT_EQ(reopened.revision, Revision{3});
  EXPECT_EQ(field_of("task", reopened, "status"), R"("completed")");
}

TEST_P(ConcurrencyTest, BatchesOverTheSameTasksInAnyOrderDoNotBlockEachOther) {
  std::vector<std::string> tasks;
  for (int i = 0; i < 4; ++i) tasks.push_back(succeed(command("create_task", "", R"({"title":"Write"})")).id);
  on_threads(16, [&](int thread) {
    std::vector<Command> batch;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      const auto& id = tasks[thread % 2 == 0 ? i : tasks.size() - 1 - i];
      batch.push_back(command("update_task", id, R"({"title":"of )" + std::to_string(thread) + R"("})"));
    }
    for (const auto& result : atomically(std::move(batch))) EXPECT_TRUE(result);
  });
  std::set<std::string> titles;
  for (const auto& id : tasks) {
    const auto task = executor_->read(kWorkspace, *domain::find_aggregate_type("task"), id);
    ASSERT_TRUE(task && *task);
    EXPECT_EQ((*task)->revision, Revision{17});
    titles.insert(field_of("task", **task, "title"));
  }
  EXPECT_EQ(titles.size(), 1u) << "the last batch wrote all of them";
}

}  // namespace
}  // namespace flowstone::commands
