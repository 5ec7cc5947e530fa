// Waits for events of the log, also over a lost engine.
#include "workers/tasks/event_task.hpp"

#include <gtest/gtest.h>

#include "tests/workers/engine_house.hpp"
#include "tests/workers/task_calls.hpp"

namespace flowstone::workers {
namespace {

// With a state that waits for an event with these arguments, and more fields of it.
std::string that_waits(std::string_view arguments, std::string_view more = "") {
  return fmt::format(
      R"({{"QueryLanguage":"JSONata","StartAt":"T","States":{{"T":{{"Type":"Task","Resource":"flowstone:event",
      "Arguments":{},{}"End":true}}}}}})",
      arguments, more);
}

class EventWait : public testing::Test {
 protected:
  void SetUp() override { start(); }
  void TearDown() override { house.lose_engine(); }

  void start() {
    waits = std::make_unique<EventTask>(*house.store);
    house.handler = [this](std::string_view resource) { return resource == "flowstone:event" ? &*waits : nullptr; };
    house.start_engine();
  }
  void lose() {
    house.lose_engine();
    waits.reset();
  }
  std::string begin(const std::string& definition, const std::string& input = "{}") {
    const auto workflow = house.publish(definition);
    EXPECT_TRUE(workflow);
    const auto id = house.ids.fresh();
    EXPECT_TRUE(house.begin(*workflow, input, id));
    return id;
  }
  std::string create_task(std::string_view title) {
    const auto id = house.ids.fresh();
    EXPECT_TRUE(house.carry_out("create_task", id, fmt::format(R"({{"title":"{}"}})", title)));
    return id;
  }
  // The title in the event that ended the run.
  std::string title_at_end(const std::string& run) {
    if (!EngineHouse::until([&] { return house.run(run)->finished_at.has_value(); })) return house.description(run);
    const auto output = house.machine_events(run).back().output;
    const auto* data = output.is_object() ? output.find("data") : nullptr;
    return data == nullptr ? house.description(run) : data->find("title")->text();
  }

  EngineHouse house;
  std::unique_ptr<EventTask> waits;
};

TEST_F(EventWait, EndsWithTheFirstEventThatMatchesAfterIt) {
  create_task("yes before");
  const auto run = begin(that_waits(R"js({"Type":"task.created","Condition":"$contains(event.data.title, 'yes')"})js"));
  create_task("no");
  create_task("yes first");
  create_task("yes second");
  EXPECT_EQ(title_at_end(run), "yes first");
}

TEST_F(EventWait, TakesAllOfACategoryAndWhatTheTaskWasGiven) {
  const auto run = begin(that_waits(R"({"Type":["task.*"],"Condition":"event.data.title = input.title",
                                     "Input":"{% $states.input %}"})"),
                         R"({"title":"mine"})");
  create_task("other");
  create_task("mine");
  EXPECT_EQ(title_at_end(run), "mine");
}

TEST_F(EventWait, AnEventThatCameWhileNobodyListenedIsNotMissed) {
  const auto run = begin(that_waits(R"({"Type":"task.created"})"));
  lose();
  create_task("meanwhile");
  create_task("later");
  start();
  EXPECT_EQ(title_at_end(run), "meanwhile");
}

TEST_F(EventWait, AConditionThatCannotBeEvaluatedDoesNotHold) {
  const auto run = begin(that_waits(R"js({"Type":"task.created","Condition":"$number(event.data.title) > 5"})js"));
  create_task("no number");
  create_task("7");
  EXPECT_EQ(title_at_end(run), "7");
}

TEST_F(EventWait, EndsAtItsTimeoutAndEveryVisitLooksFromItsOwnBeginning) {
  const auto run = begin(that_waits(R"({"Type":"task.created"})",
                                    R"("TimeoutSeconds":60,"Retry":[{"ErrorEquals":["States.Timeout"],
                                       "IntervalSeconds":1,"MaxAttempts":1}],)"));
  ASSERT_TRUE(EngineHouse::until([&] {
    const auto state = house.run(run);
    const auto events = house.machine_events(run);
    if (std::ranges::count(events, asl::EventType::task_scheduled, &asl::Event::type) == 2) return true;
    if (state->due_at) house.clock.advance_to(Timestamp{*state->due_at});
    return false;
  }));
  create_task("in the second attempt");
  EXPECT_EQ(title_at_end(run), "in the second attempt");
}

TEST_F(EventWait, ManyWaitForOneEvent) {
  const auto workflow = house.publish(
      R"({"QueryLanguage":"JSONata","StartAt":"M","States":{"M":{"Type":"Map","Items":"{% [1..200] %}","End":true,
      "ItemProcessor":{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"flowstone:event",
      "Arguments":{"Type":"task.created"},"Output":"{% $states.result.data.title %}","End":true}}}}}})");
  ASSERT_TRUE(workflow);
  const auto run = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, "{}", run));
  ASSERT_TRUE(EngineHouse::until([&] { return house.run(run)->open_tasks == 200; }));
  create_task("for all");
  ASSERT_TRUE(house.run_to_end(run));
  EXPECT_EQ(house.machine_events(run).back().output.items().size(), 200U);
}

TEST_F(EventWait, OneMoreThanTheMostIsRefused) {
  const auto call = [](std::size_t at) {
    return call_of("flowstone:event", R"({"Type":"task.created"})", std::to_string(at));
  };
  for (std::size_t at = 0; at < EventTask::kMostWaits; ++at) waits->perform(call(at), [](const TaskOutcome&) {});
  EXPECT_EQ(outcome_of(*waits, call(EventTask::kMostWaits)).error, "Task.Busy");
  waits->cancel("0");
  Pending next(*waits, call(EventTask::kMostWaits));
  waits.reset();
  EXPECT_FALSE(next.was_told());
}

TEST_F(EventWait, ArgumentsThatAreNoneAreRefused) {
  EXPECT_EQ(outcome_of(*waits, call_of("flowstone:event", "{}")).error, "Task.Invalid");
  EXPECT_EQ(outcome_of(*waits, call_of("flowstone:event", R"({"Type":"Task Done"})")).error, "Task.Invalid");
  const auto bad = outcome_of(*waits, call_of("flowstone:event", R"({"Type":"*","Condition":"1 +"})"));
  EXPECT_EQ(bad.error, "Task.Invalid");
  EXPECT_TRUE(bad.cause->starts_with("`Condition`: ")) << *bad.cause;
}

}  // namespace
}  // namespace flowstone::workers
