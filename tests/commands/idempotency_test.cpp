#include <gtest/gtest.h>

#include "tests/commands/executor_fixture.hpp"
#include "tests/commands/held_executor.hpp"

namespace flowstone::commands {
namespace {

class IdempotencyTest : public ExecutorTest {};
INSTANTIATE_TEST_SUITE_P(OnEmbeddedJournal, IdempotencyTest, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(OnMemoryJournal, IdempotencyTest, testing::Values(true));

Command create(std::string_view command_id = "k1", std::string_view request = "one") {
  return with_id(command("create_task", "", R"({"title":"Write"})"), std::string(command_id), request);
}

TEST_P(IdempotencyTest, TheSameCommandIdGetsTheSameAnswer) {
  const auto first = succeed(create());
  const auto second = succeed(create());
  EXPECT_TRUE(second.repeated);
  EXPECT_TRUE(second.changed);
  EXPECT_EQ(second.id, first.id);
  EXPECT_EQ(second.row, first.row);
  EXPECT_EQ(second.revision, first.revision);
  EXPECT_EQ(second.position, first.position);
  EXPECT_EQ(head(), Position{1});
}

TEST_P(IdempotencyTest, TheAnswerOutlivesARestart) {
  const auto first = succeed(create());
  reopen();
  const auto second = succeed(create());
  EXPECT_TRUE(second.repeated);
  EXPECT_EQ(second.id, first.id);
  EXPECT_EQ(second.row, first.row);
  EXPECT_EQ(head(), Position{1});
}

TEST_P(IdempotencyTest, TheAnswerIsTheStateOfThenNotOfNow) {
  const auto first = succeed(create());
  const auto update = with_id(command("update_task", first.id, R"({"title":"Second"})"), "k2");
  const auto second = succeed(update);
  succeed(command("update_task", first.id, R"({"title":"Third"})"));
  EXPECT_EQ(succeed(create()).row, first.row);
  EXPECT_EQ(succeed(update).row, second.row);
  EXPECT_EQ(field_of("task", succeed(update), "title"), R"("Second")");
}

TEST_P(IdempotencyTest, AnotherRequestUnderTheSameIdIsRefused) {
  succeed(create());
  EXPECT_EQ(fail(create("k1", "two")).code, CommandError::Code::command_id_reused);
  reopen();
  EXPECT_EQ(fail(create("k1", "two")).code, CommandError::Code::command_id_reused);
}

TEST_P(IdempotencyTest, ACommandIdBelongsToItsWorkspace) {
  succeed(create());
  auto foreign = create();
  foreign.workspace = "01920000-0000-7000-8000-00000000bbbb";
  EXPECT_FALSE(succeed(std::move(foreign)).repeated);
}

TEST_P(IdempotencyTest, ARefusalIsNotRemembered) {
  const auto id = ids_.fresh();
  const auto complete = with_id(command("complete_task", id), "k1");
  EXPECT_EQ(fail(complete).code, CommandError::Code::rejected);
  succeed(command("create_task", id, R"({"title":"Write"})"));
  EXPECT_FALSE(succeed(complete).repeated);
}

TEST_P(IdempotencyTest, ThatNothingWasToBeDoneIsRememberedToo) {
  const auto task = succeed(command("create_task", "", R"({"title":"Write"})"));
  succeed(command("complete_task", task.id));
  const auto complete = with_id(command("complete_task", task.id), "k1");
  const auto first = succeed(complete);
  EXPECT_FALSE(first.changed);
  succeed(command("reopen_task", task.id));
  for (int restarts = 0; restarts < 2; ++restarts) {
    const auto again = succeed(complete);
    EXPECT_TRUE(again.repeated);
    EXPECT_FALSE(again.changed);
    EXPECT_EQ(again.row, first.row);
    reopen();
  }
  EXPECT_EQ(head(), Position{3}) << "the reopened task was not completed again";
}

TEST_P(IdempotencyTest, OfManyAtOnceOneIsCarriedOut) {
  std::atomic<int> fresh{0}, repeated{0}, in_progress{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 32; ++i) {
      threads.emplace_back([&] {
        const auto result = executor_->execute(create());
        if (!result) {
          EXPECT_EQ(result.error().code, CommandError::Code::in_progress);
          ++in_progress;
        } else {
          ++(result->repeated ? repeated : fresh);
        }
      });
    }
  }
  EXPECT_EQ(fresh, 1);
  EXPECT_EQ(fresh + repeated + in_progress, 32);
  EXPECT_EQ(head(), Position{1});
}

TEST(HeldCommands, TheSameIdWhileItIsCarriedOutIsInProgress) {
  HeldExecutor held;
  auto first = held.start(create());
  EXPECT_EQ(held.executor().execute(create()).error().code, CommandError::Code::in_progress);
  held.release();
  EXPECT_TRUE(first.get());
  EXPECT_TRUE(held.executor().execute(create())->repeated);
}

TEST(HeldCommands, BackPressurePassesThroughAsBusy) {
  HeldExecutor held;
  std::vector<std::future<CommandResult>> started;
  for (int i = 0; i < 100; ++i) started.push_back(held.start(command("create_task", "", R"({"title":"Write"})")));
  EXPECT_EQ(started.back().get().error().code, CommandError::Code::busy) << "before anything was released";
  started.pop_back();
  held.release();
  EXPECT_TRUE(started.front().get());
}

}  // namespace
}  // namespace flowstone::commands
