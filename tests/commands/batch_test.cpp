#include <gtest/gtest.h>

#include "tests/commands/executor_fixture.hpp"

namespace flowstone::commands {
namespace {

class BatchTest : public ExecutorTest {
 protected:
  // A create of a task, an update and a completion of it, and another create.
  std::vector<Command> batch(const std::string& prefix = "") {
    const auto named = [&](Command given, std::string name) {
      return prefix.empty() ? std::move(given) : with_id(std::move(given), prefix + std::move(name));
    };
    std::vector<Command> commands;
    commands.push_back(named(command("create_task", task_, R"({"title":"Write"})"), "1"));
    commands.push_back(named(command("update_task", task_, R"({"progress":40})"), "2"));
    commands.push_back(named(command("complete_task", task_), "3"));
    commands.push_back(named(command("create_task", "", R"({"title":"Read"})"), "4"));
    return commands;
  }

  const std::string task_ = "01920000-0000-7000-8000-000000000001";
};
INSTANTIATE_TEST_SUITE_P(OnEmbeddedJournal, BatchTest, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(OnMemoryJournal, BatchTest, testing::Values(true));

TEST_P(BatchTest, LaterCommandsSeeTheEarlierOnes) {
  const auto results = atomically(batch());
  for (const auto& result : results) ASSERT_TRUE(result);
  EXPECT_EQ(results[0]->revision, Revision{1});
  EXPECT_EQ(results[1]->revision, Revision{2});
  EXPECT_EQ(results[2]->revision, Revision{3});
  EXPECT_EQ(field_of("task", *results[0], "status"), R"("todo")");
  EXPECT_EQ(field_of("task", *results[1], "status"), R"("in_progress")");
  EXPECT_EQ(field_of("task", *results[2], "status"), R"("completed")");
  EXPECT_EQ(results[2]->position, Position{3});
  EXPECT_EQ(results[3]->position, Position{4});
  EXPECT_EQ(head(), Position{4});
  reopen();
  const auto folded = executor_->read(kWorkspace, *domain::find_aggregate_type("task"), task_);
  ASSERT_TRUE(folded && *folded);
  EXPECT_EQ((*folded)->row, results[2]->row);
}

TEST_P(BatchTest, IsCarriedOutWholeOrNotAtAll) {
  auto commands = batch();
  commands.push_back(command("complete_task", ids_.fresh()));
  commands.push_back(command("create_task", "", R"({"title":"Write","intent_id":")" + ids_.fresh() + R"("})"));
  const auto results = atomically(std::move(commands));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(results[i].error().code, CommandError::Code::stopped) << i;
  EXPECT_EQ(results[4].error().rejection.code, "task_not_found");
  EXPECT_EQ(results[5].error().code, CommandError::Code::missing_reference);
  EXPECT_EQ(head(), Position{0});
}

TEST_P(BatchTest, MayReferToWhatItCreates) {
  const auto intent = ids_.fresh();
  std::vector<Command> commands;
  commands.push_back(command("create_intent", intent, R"({"code":"DEEP","name":"Deep work"})"));
  commands.push_back(command("create_task", "", R"({"title":"Write","intent_id":")" + intent + R"("})"));
  for (const auto& result : atomically(std::move(commands))) EXPECT_TRUE(result);
}

TEST_P(BatchTest, DoesNotReferToWhatItCreatesLater) {
  const auto intent = ids_.fresh();
  std::vector<Command> commands;
  commands.push_back(command("create_task", "", R"({"title":"Write","intent_id":")" + intent + R"("})"));
  commands.push_back(command("create_intent", intent, R"({"code":"DEEP","name":"Deep work"})"));
  EXPECT_EQ(atomically(std::move(commands))[0].error().code, CommandError::Code::missing_reference);
}

TEST_P(BatchTest, EachCommandIsRememberedByItself) {
  const auto first = atomically(batch("k"));
  for (int restarts = 0; restarts < 2; ++restarts) {
    const auto again = atomically(batch("k"));
    for (std::size_t i = 0; i < again.size(); ++i) {
      ASSERT_TRUE(again[i]) << i;
      EXPECT_TRUE(again[i]->repeated) << i;
      EXPECT_EQ(again[i]->id, first[i]->id) << i;
      EXPECT_EQ(again[i]->row, first[i]->row) << i;
      EXPECT_EQ(again[i]->position, first[i]->position) << i;
    }
    EXPECT_EQ(succeed(with_id(command("update_task", task_, R"({"progress":40})"), "k2")).row, first[1]->row);
    reopen();
  }
  EXPECT_EQ(head(), Position{4});
}

TEST_P(BatchTest, EventsCarryTheIdOfTheirCommandWhichCausedThem) {
  atomically(batch("k"));
  const auto reader = store_->read({}, {});
  ASSERT_TRUE(reader);
  for (const std::string expected : {"k1", "k2", "k3", "k4"}) {
    const auto event = (*reader)->next();
    ASSERT_TRUE(event && *event);
    EXPECT_EQ((*event)->command_id, expected);
    EXPECT_EQ((*event)->causation, expected);
  }
}

TEST_P(BatchTest, OnlyWhatIsNewIsCarriedOut) {
  succeed(with_id(command("create_task", task_, R"({"title":"Write"})"), "k1"));
  const auto results = atomically(batch("k"));
  for (const auto& result : results) ASSERT_TRUE(result);
  EXPECT_TRUE(results[0]->repeated);
  EXPECT_FALSE(results[1]->repeated);
  EXPECT_EQ(head(), Position{4});
}

TEST_P(BatchTest, AReusedCommandIdRefusesTheBatch) {
  succeed(with_id(command("create_task", "", R"({"title":"Other"})"), "k2", "another request"));
  const auto results = atomically(batch("k"));
  EXPECT_EQ(results[0].error().code, CommandError::Code::stopped);
  EXPECT_EQ(results[1].error().code, CommandError::Code::command_id_reused);
  EXPECT_EQ(head(), Position{1});
}

TEST_P(BatchTest, TwoCommandsWithOneIdAreRefused) {
  auto commands = batch("k");
  commands[3].command_id = "k1";
  const auto results = atomically(std::move(commands));
  EXPECT_EQ(results[3].error().code, CommandError::Code::in_progress);
  EXPECT_EQ(head(), Position{0});
  EXPECT_TRUE(atomically(batch("k"))[0]) << "the ids are free again";
}

TEST_P(BatchTest, IfMatchSeesTheEarlierCommands) {
  auto commands = batch();
  commands[1].if_match = Revision{1};
  commands[2].if_match = Revision{2};
  for (const auto& result : atomically(std::move(commands))) EXPECT_TRUE(result);
}

TEST_P(BatchTest, WithNothingToDoRecordsNothing) {
  atomically(batch());
  std::vector<Command> commands;
  commands.push_back(command("complete_task", task_));
  commands.push_back(command("complete_task", task_));
  for (const auto& result : atomically(std::move(commands))) {
    ASSERT_TRUE(result);
    EXPECT_FALSE(result->changed);
    EXPECT_EQ(result->revision, Revision{3});
  }
  EXPECT_EQ(head(), Position{4});
}

TEST_P(BatchTest, OfNoCommandsHasNoResults) { EXPECT_TRUE(atomically({}).empty()); }

}  // namespace
}  // namespace flowstone::commands
