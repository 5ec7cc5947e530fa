// Tasks whose outcome is known while the run decides.
#include <stdexcept>

#include <gtest/gtest.h>

#include "tests/workers/engine_house.hpp"
#include "workers/tasks/jsonata_task.hpp"

namespace flowstone::workers {
namespace {

using schemas::RunStatus;

class Expressions : public testing::Test {
 protected:
  void SetUp() override {
    house.handler = [this](std::string_view) { return &expressions_; };
    house.start_engine();
  }

 private:
  const SystemClock clock_;
  JsonataTask expressions_{clock_, {}};

 protected:
  EngineHouse house;
};

// Each of the tasks evaluates the expression, which sees the result of the one before as `n`.
std::string three_expressions(std::string_view expression) {
  const auto state = [&](std::string_view next) {
    return fmt::format(R"({{"Type":"Task","Resource":"flowstone:jsonata",
        "Parameters":{{"Expression":"{}","Input.$":"$"}},"ResultPath":"$.n",{}}})",
                       expression, next);
  };
  return fmt::format(R"({{"StartAt":"A","States":{{"A":{},"B":{},"C":{}}}}})", state(R"("Next":"B")"),
                     state(R"("Next":"C")"), state(R"("End":true)"));
}

TEST_F(Expressions, WhatIsKnownAtOnceIsInTheAppendThatAsksForIt) {
  const auto workflow = house.publish(three_expressions("n + 1"));
  const auto id = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, R"({"n":1})", id));
  EXPECT_EQ(house.run(id)->status, RunStatus::completed);
  EXPECT_EQ(house.appends(id), 1U);
  const auto events = house.machine_events(id);
  EXPECT_EQ(events.back().output.find("n")->as_number(), 4);
  EXPECT_EQ(std::ranges::count(events, asl::EventType::task_started, &asl::Event::type), 3);
}

TEST_F(Expressions, WhatTakesLongerThanAMomentIsDoneAfterwardsAndNoDifferently) {
  const auto workflow = house.publish(three_expressions("n + $sum([1..20000].($ * 0)) + 1"));
  const auto id = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, R"({"n":1})", id));
  ASSERT_TRUE(house.run_to_end(id));
  EXPECT_EQ(house.appends(id), 4U);
  const auto events = house.machine_events(id);
  EXPECT_EQ(events.back().output.find("n")->as_number(), 4);
}

TEST_F(Expressions, MoreThanOneAppendMayHoldAreDoneAfterIt) {
  house.lose_engine();
  house.start_engine({.at_once = 2});
  const auto workflow = house.publish(three_expressions("n + 1"));
  const auto id = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, R"({"n":1})", id));
  ASSERT_TRUE(house.run_to_end(id));
  EXPECT_EQ(house.appends(id), 2U);
  EXPECT_EQ(house.machine_events(id).back().output.find("n")->as_number(), 4);
}

// Two tasks at once; the first branch goes on with this state.
std::string two_branches(std::string_view last) {
  return fmt::format(
      R"({{"StartAt":"P","States":{{"P":{{"Type":"Parallel","End":true,"Branches":[
        {{"StartAt":"A","States":{{"A":{{"Type":"Task","Resource":"flowstone:jsonata","Parameters":{{"Expression":"1"}},
          "ResultPath":"$.a","Next":"E"}},"E":{}}}}},
        {{"StartAt":"B","States":{{"B":{{"Type":"Task","Resource":"flowstone:jsonata",
          "Parameters":{{"Expression":"2"}},"End":true}}}}}}]}}}}}})",
      last);
}

// By a Fail, and by an error that ends the run at once.
TEST_F(Expressions, WhatEndsTheRunLeavesTheOtherTasksAlone) {
  for (const std::string_view last :
       {R"({"Type":"Fail","Error":"No"})", R"({"Type":"Pass","Parameters":{"n.$":"$.missing"},"End":true})"}) {
    const auto workflow = house.publish(two_branches(last));
    ASSERT_TRUE(workflow) << last;
    const auto id = house.ids.fresh();
    ASSERT_TRUE(house.begin(*workflow, "{}", id));
    EXPECT_EQ(house.run(id)->status, RunStatus::failed) << last;
    EXPECT_EQ(house.appends(id), 1U);
    const auto events = house.machine_events(id);
    EXPECT_EQ(std::ranges::count(events, asl::EventType::task_scheduled, &asl::Event::type), 2);
    EXPECT_EQ(std::ranges::count(events, asl::EventType::task_started, &asl::Event::type), 1);
  }
}

TEST_F(Expressions, TheMostEventsEndTheRunWhereverItStands) {
  const auto workflow = house.publish(two_branches(R"({"Type":"Succeed"})"));
  ASSERT_TRUE(workflow);
  for (std::uint64_t most = 2; most < 24; ++most) {
    house.lose_engine();
    house.start_engine({.limits = {.events = most, .evaluation = {}}});
    const auto id = house.ids.fresh();
    ASSERT_TRUE(house.begin(*workflow, "{}", id));
    ASSERT_TRUE(house.run_to_end(id)) << most;
  }
}

class Hasty final : public TaskHandler {
 public:
  AtOnce at_once(const TaskCall&) override { throw std::runtime_error("no answer"); }
  void perform(TaskCall, Done done) override { done({.output = asl::Value::string("done")}); }
};

TEST(KnownAtOnce, WhatThrowsThenIsPerformed) {
  Hasty handler;
  EngineHouse house;
  house.handler = [&](std::string_view) { return &handler; };
  house.start_engine();
  const auto workflow =
      house.publish(R"({"StartAt":"T","States":{"T":{"Type":"Task","Resource":"test:call","End":true}}})");
  const auto id = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, "{}", id));
  ASSERT_TRUE(house.run_to_end(id));
  EXPECT_EQ(house.run(id)->status, RunStatus::completed);
  EXPECT_EQ(house.appends(id), 2U);
}

// Nine hundred tasks are more than one append holds.
TEST_F(Expressions, TasksThatAreKnownAtOnceFillAsManyAppendsAsTheyNeed) {
  const auto workflow = house.publish(R"({"StartAt":"M","States":{"M":{"Type":"Map","ItemsPath":"$.items","End":true,
      "ItemProcessor":{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"flowstone:jsonata",
      "Parameters":{"Expression":"$ * 2","Input.$":"$"},"End":true}}}}}})");
  std::string items;
  for (int item = 0; item < 900; ++item) items += fmt::format("{}{}", item == 0 ? "" : ",", item);
  const auto id = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, fmt::format(R"({{"items":[{}]}})", items), id));
  ASSERT_TRUE(house.run_to_end(id));
  const auto events = house.machine_events(id);
  ASSERT_EQ(house.run(id)->status, RunStatus::completed);
  const auto& outputs = events.back().output.items();
  ASSERT_EQ(outputs.size(), 900U);
  for (std::size_t item = 0; item < outputs.size(); ++item)
    EXPECT_EQ(outputs[item].as_number(), 2.0 * static_cast<double>(item));
  EXPECT_EQ(std::ranges::count(events, asl::EventType::task_succeeded, &asl::Event::type), 900);
}

}  // namespace
}  // namespace flowstone::workers
