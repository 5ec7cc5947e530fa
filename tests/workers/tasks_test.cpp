#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/identifier.hpp"
#include "tests/projections/world.hpp"
#include "tests/workers/task_calls.hpp"
#include "workers/tasks/command_task.hpp"
#include "workers/tasks/jsonata_task.hpp"
#include "workers/tasks/library.hpp"
#include "workers/tasks/sleep_task.hpp"
#include "workflows/resources.hpp"

namespace flowstone::workers {
namespace {

using projections::kHome;
using projections::TestClock;
using projections::World;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::StartsWith;

class CommandTaskTest : public testing::Test {
 protected:
  void restart() {
    task_.reset();
    executor_.reset();
    open();
  }
  void open() {
    executor_.emplace(*world_.store, world_.clock, ids_, [](std::move_only_function<void()> work) { work(); });
    task_.emplace(*executor_);
  }
  void SetUp() override { open(); }

  TaskOutcome send(std::string_view arguments, std::string key = "k1") {
    return outcome_of(*task_, call_of("flowstone:command", arguments, std::move(key)));
  }
  [[nodiscard]] std::uint64_t head() const { return world_.store->state().durable.value; }

  World world_;
  UuidV7Source ids_{world_.clock};
  std::optional<commands::Executor> executor_;
  std::optional<CommandTask> task_;
};

constexpr std::string_view kCreate = R"({"Command": "create_task", "Body": {"title": "Call back"}})";

TEST_F(CommandTaskTest, IsCarriedOutAsTheRun) {
  const auto outcome = send(kCreate);
  ASSERT_FALSE(outcome.error) << told(outcome);
  EXPECT_EQ(outcome.output.find("Revision")->as_number(), 1);
  EXPECT_EQ(outcome.output.find("Position")->as_number(), 1);
  const auto* entity = outcome.output.find("Entity");
  EXPECT_EQ(entity->find("title")->text(), "Call back");
  EXPECT_EQ(entity->find("id")->text(), outcome.output.find("Id")->text());
  eventstore::Filter filter;
  filter.workspace = kHome;
  const auto reader = world_.store->read(filter, {});
  ASSERT_TRUE(reader);
  const auto event = (*reader)->next();
  ASSERT_TRUE(event && *event);
  EXPECT_EQ((**event).actor, "run:01900000-0000-7000-8000-000000000001");
  EXPECT_EQ((**event).causation, "01900000-0000-7000-8000-000000000001");
  EXPECT_EQ((**event).correlation, "01900000-0000-7000-8000-000000000001");
}

TEST_F(CommandTaskTest, IsCarriedOutOnceHoweverOftenItIsAsked) {
  const auto first = send(kCreate);
  EXPECT_EQ(told(send(kCreate)), told(first));
  restart();
  EXPECT_EQ(told(send(kCreate)), told(first));
  EXPECT_EQ(told(send(R"({"Command": "create_task", "Body": {"title": "In other words"}})")), told(first));
  EXPECT_EQ(head(), 1U);
  EXPECT_NE(told(send(kCreate, "k2")), told(first));
  EXPECT_EQ(head(), 2U);
}

TEST_F(CommandTaskTest, NamesItsEntityInIdOrInTheBody) {
  const auto id = send(kCreate).output.find("Id")->text();
  EXPECT_THAT(told(send(R"({"Command": "update_task", "Id": ")" + id + R"(", "Body": {"title": "B"}})", "k2")),
              HasSubstr(R"("title":"B")"));
  EXPECT_THAT(told(send(R"({"Command": "complete_task", "Body": {"id": ")" + id + R"("}})", "k3")),
              HasSubstr(R"("status":"completed")"));
  EXPECT_EQ(head(), 3U);
}

TEST_F(CommandTaskTest, OnlyWhatAMemberMaySendIsSent) {
  for (const auto* command : {"make_coffee", "lose_run", "request_run", "create_workspace", "create_api_key",
                              "create_evidence", "revoke_api_key"})
    EXPECT_THAT(told(send(R"({"Command": ")" + std::string(command) + "\"}")),
                StartsWith("Command.Unknown: `" + std::string(command) + "`"))
        << command;
  EXPECT_EQ(head(), 0U);
}

TEST_F(CommandTaskTest, ABodyThatBreaksTheContractNamesTheField) {
  EXPECT_THAT(told(send(R"({"Command": "create_task", "Body": {}})")), StartsWith("Command.Invalid: title "));
  EXPECT_THAT(told(send(R"({"Command": "create_task", "Body": {"title": "A", "colour": 1}})")),
              StartsWith("Command.Invalid: colour "));
  EXPECT_EQ(send(R"({"Command": "create_task", "Body": "title"})").error, "Task.Invalid");
  EXPECT_EQ(send(R"({"Command": "create_task", "Id": "7"})").error, "Task.Invalid");
  EXPECT_EQ(send(R"({"Body": {}})").error, "Task.Invalid");
}

TEST_F(CommandTaskTest, ARejectionOfAFieldNamesIt) {
  const auto id = send(kCreate).output.find("Id")->text();
  const auto snooze = R"({"Command": "snooze_task", "Id": ")" + id + R"(", "Body": {"until": "2001-01-01T00:00:00Z"}})";
  EXPECT_EQ(told(send(snooze, "k2")), "Command.Rejected: invalid_field: until must be in the future");
}

TEST_F(CommandTaskTest, ARejectionHasItsCode) {
  const auto id = send(kCreate).output.find("Id")->text();
  const auto about = R"(", "Id": ")" + id + "\"}";
  EXPECT_FALSE(send(R"({"Command": "cancel_task)" + about, "k2").error);
  EXPECT_THAT(told(send(R"({"Command": "complete_task)" + about, "k3")),
              StartsWith("Command.Rejected: task_cancelled"));
  EXPECT_THAT(told(send(R"({"Command": "complete_task", "Id": "01900000-0000-7000-8000-00000000dddd"})", "k4")),
              StartsWith("Command.Rejected: "));
}

class SleepTaskTest : public testing::Test {
 protected:
  TaskCall sleep_of(std::string_view seconds, std::string key = "k1") {
    auto call = call_of("flowstone:sleep", R"({"Seconds": )" + std::string(seconds) + "}", std::move(key));
    call.scheduled_at = began_;
    return call;
  }

  TestClock clock_;
  const Timestamp began_ = clock_.now();
};

constexpr std::chrono::milliseconds kOften{1};

TEST_F(SleepTaskTest, EndsSoLongAfterItWasScheduled) {
  SleepTask task(clock_, kOften);
  Pending longer(task, sleep_of("20", "a"));
  Pending shorter(task, sleep_of("10.5", "b"));
  clock_.advance(seconds(11));
  EXPECT_EQ(told(shorter.outcome()), R"({"Until":")" + to_rfc3339(began_ + std::chrono::milliseconds(10'500)) + "\"}");
  EXPECT_FALSE(longer.was_told());
  clock_.advance(seconds(9));
  EXPECT_FALSE(longer.outcome().error);
}

TEST_F(SleepTaskTest, GoesOnAfterARestart) {
  clock_.advance(seconds(9));
  {
    SleepTask task(clock_, kOften);
    Pending asleep(task, sleep_of("10"));
    EXPECT_FALSE(asleep.was_told());
  }
  SleepTask task(clock_, kOften);
  Pending again(task, sleep_of("10"));
  clock_.advance(seconds(1));
  EXPECT_FALSE(again.outcome().error);
  EXPECT_FALSE(outcome_of(task, sleep_of("10")).error);
}

TEST_F(SleepTaskTest, WhatIsCancelledDoesNotWakeUp) {
  SleepTask task(clock_, kOften);
  Pending one(task, sleep_of("10", "a"));
  Pending other(task, sleep_of("10", "b"));
  task.cancel("a");
  task.cancel("a");
  clock_.advance(seconds(10));
  EXPECT_FALSE(other.outcome().error);
  EXPECT_FALSE(one.was_told());
}

TEST_F(SleepTaskTest, ManySleepOnOneThread) {
  SleepTask task(clock_, kOften);
  std::vector<Pending> all;
  for (int n = 0; n < 2'000; ++n) all.emplace_back(task, sleep_of(std::to_string(n % 100), std::to_string(n)));
  clock_.advance(seconds(100));
  for (auto& each : all) EXPECT_FALSE(each.outcome().error);
}

TEST_F(SleepTaskTest, SecondsAreANumberOfThem) {
  SleepTask task(clock_, kOften);
  for (const auto* wrong : {"-1", "100000000", "\"1\"", "null", "[]"})
    EXPECT_EQ(outcome_of(task, sleep_of(wrong)).error, "Task.Invalid") << wrong;
  EXPECT_EQ(outcome_of(task, call_of("flowstone:sleep", R"({"Seconds": 1, "Minutes": 1})")).error, "Task.Invalid");
}

std::string evaluated(std::string_view arguments) {
  TestClock clock;
  JsonataTask task(clock, {});
  return told(outcome_of(task, call_of("flowstone:jsonata", arguments)));
}

TEST(JsonataTask, GivesTheValue) {
  EXPECT_EQ(evaluated(R"js({"Expression": "$sum(lines.price)", "Input": {"lines": [{"price": 2}, {"price": 3}]}})js"),
            "5");
  EXPECT_EQ(evaluated(R"js({"Expression": "nothing"})js"), "null");
  EXPECT_EQ(evaluated(R"js({"Expression": "{'f': $sum, 'n': null}"})js"), R"({"f":"","n":null})");
  EXPECT_EQ(evaluated(R"js({"Expression": "$now()"})js"), "\"" + to_rfc3339(TestClock().now()) + "\"");
  EXPECT_EQ(evaluated(R"js({"Expression": "$random() < 1"})js"), "true");
}

TEST(JsonataTask, ErrorsHaveTheLanguagesCode) {
  EXPECT_THAT(evaluated(R"js({"Expression": "1 +"})js"), StartsWith("Jsonata.S0207: "));
  EXPECT_THAT(evaluated(R"js({"Expression": "1 + 'a'"})js"), StartsWith("Jsonata.T2002: "));
  EXPECT_THAT(evaluated(R"js({"Expression": "$error('no')"})js"), StartsWith("Jsonata.D3137: no"));
  EXPECT_THAT(evaluated(R"js({"Input": 1})js"), StartsWith("Task.Invalid: `Expression`"));
}

TEST(JsonataTask, WhatNeverEndsIsEnded) {
  EXPECT_THAT(evaluated(R"js({"Expression": "($f := function() { $f() }; $f())"})js"), StartsWith("Jsonata.U1001: "));
  EXPECT_THAT(
      evaluated(
          R"js({"Expression": "($f := function($s, $n) { $n = 0 ? $s : $f($s & $s, $n - 1) }; $f('0123456789', 30))"})js"),
      StartsWith("Jsonata.U1001: "));
}

// "later", or as `evaluated`.
std::string at_once(std::string_view arguments) {
  TestClock clock;
  JsonataTask task(clock, {});
  const auto known = task.at_once(call_of("flowstone:jsonata", arguments));
  const auto* outcome = std::get_if<TaskOutcome>(&known);
  return outcome == nullptr ? "later" : told(*outcome);
}

TEST(JsonataTask, IsKnownAtOnceIfItTakesAMoment) {
  EXPECT_EQ(at_once(R"js({"Expression": "$sum([1..10])"})js"), "55");
  EXPECT_THAT(at_once(R"js({"Expression": "1 +"})js"), StartsWith("Jsonata.S0207: "));
  EXPECT_THAT(at_once(R"js({"Input": 1})js"), StartsWith("Task.Invalid: `Expression`"));
  EXPECT_EQ(at_once(R"js({"Expression": "$sum([1..50000].($ * 0))"})js"), "later");
  EXPECT_EQ(at_once(R"js({"Expression": "($f := function() { $f() }; $f())"})js"), "later");
  EXPECT_EQ(at_once(R"js({"Expression": ")js" + std::string(5'000, ' ') + R"js(1"})js"), "later");
}

TEST(TaskLibrary, KnowsItsResources) {
  World world;
  UuidV7Source ids{world.clock};
  commands::Executor executor{*world.store, world.clock, ids, [](std::move_only_function<void()> work) { work(); }};
  const TaskLibrary library({.store = *world.store, .executor = executor, .clock = world.clock}, {});
  EXPECT_THAT(library.resources(),
              testing::ElementsAre("flowstone:activity", "flowstone:command", "flowstone:event", "flowstone:exec",
                                   "flowstone:http", "flowstone:jsonata", "flowstone:notify", "flowstone:sleep"));
  for (const auto resource : library.resources()) {
    EXPECT_TRUE(workflows::find_task_resource(resource) != nullptr) << resource;
    ASSERT_NE(library.find(resource), nullptr);
    EXPECT_EQ(outcome_of(*library.find(resource), call_of(std::string(resource), "[]")).error, "Task.Invalid");
  }
  EXPECT_EQ(library.find("flowstone:fax"), nullptr);
}

}  // namespace
}  // namespace flowstone::workers
