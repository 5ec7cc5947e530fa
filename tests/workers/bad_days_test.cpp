// Very many runs, targets that fail for long, and workspaces of unequal appetite.
#include <atomic>

#include <gtest/gtest.h>

#include "tests/workers/engine_house.hpp"
#include "workers/engine/turns.hpp"

namespace flowstone::workers {
namespace {

using schemas::RunStatus;

// Fails with a 500 until it is repaired.
class Broken final : public TaskHandler {
 public:
  Broken(const Clock& clock, Timestamp repaired) : clock_(clock), repaired_(repaired) {}
  void perform(TaskCall, Done done) override {
    ++calls;
    if (clock_.now() < repaired_) return done({.output = {}, .error = "Http.Status.500", .cause = "out of order"});
    done({.output = asl::Value::string("done")});
  }
  void cancel(const std::string&) override {}
  std::atomic<std::size_t> calls{0};

 private:
  const Clock& clock_;
  const Timestamp repaired_;
};

// A run of one task at the target, over; its id.
std::string run_against(EngineHouse& house, Broken& target, std::string_view retrier) {
  house.handler = [&target](std::string_view) { return &target; };
  house.start_engine();
  const auto workflow = house.publish(fmt::format(
      R"({{"StartAt":"T","States":{{"T":{{"Type":"Task","Resource":"test:call","End":true,"Retry":[{}]}}}}}})",
      retrier));
  const auto id = house.ids.fresh();
  EXPECT_TRUE(house.begin(*workflow, "{}", id));
  EXPECT_TRUE(house.run_to_end(id)) << house.description(id);
  return id;
}

TEST(BadDays, TargetThatFailsForAnHourIsAskedAsOftenAsTheRetrierSays) {
  EngineHouse house;
  Broken target(house.clock, house.clock.now() + std::chrono::hours(1));
  const auto id = run_against(
      house, target, R"({"ErrorEquals":["Http.Status.500"],"IntervalSeconds":10,"BackoffRate":2,"MaxDelaySeconds":300,
              "MaxAttempts":100})");
  EXPECT_EQ(house.run(id)->status, RunStatus::completed);
  // After 0, 10, 30, 70, 150 and 310 seconds, then every 300 until 3,610.
  EXPECT_EQ(target.calls, 17U);
  EXPECT_EQ(house.run(id)->steps.front()->retries, 16U);
}

TEST(BadDays, TargetThatNeverRecoversEndsTheRun) {
  EngineHouse house;
  Broken target(house.clock, house.clock.now() + std::chrono::hours(24));
  const auto id = run_against(
      house, target, R"({"ErrorEquals":["States.TaskFailed"],"IntervalSeconds":1,"BackoffRate":1,"MaxAttempts":3})");
  EXPECT_EQ(house.run(id)->status, RunStatus::failed);
  EXPECT_EQ(house.run(id)->error, "Http.Status.500");
  EXPECT_EQ(target.calls, 4U);
}

const std::string kWaits = R"({"concurrency":{"mode":"parallel","max":1000},
  "body":{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}}})";

// Begins runs without waiting for one before the next.
struct Begun {
  std::atomic<std::size_t> well{0}, refused{0};

  void begin(EngineHouse& house, const schemas::WorkflowT& workflow, std::size_t count) {
    const auto asked = commands::run_request_for(workflow, {});
    check(asked.has_value(), "a version of the workflow is published");
    for (std::size_t each = 0; each < count; ++each)
      house.engine->start(commands::command_of(std::string(EngineHouse::kWorkspace), house.ids.fresh(), "test", *asked),
                          [this](const commands::CommandResult& result) { ++(result ? well : refused); });
  }
};

std::size_t ends_in(EngineHouse& house) {
  eventstore::Filter filter;
  filter.types = {"run.completed"};
  auto reader = house.store->read(filter, {});
  std::size_t count = 0;
  while ((*reader)->next().value() != nullptr) ++count;
  return count;
}

TEST(BadDays, TenThousandRunsAtOnceAllEndOnce) {
  constexpr std::size_t kRuns = 10'000, kOfOne = 1'000;  // a workflow has no more at a time
  EngineHouse house;
  EngineOptions options;
  options.machines = 100;  // all others are folded again when they are woken
  house.start_engine(options);
  Begun begun;
  for (std::size_t begin = 0; begin < kRuns; begin += kOfOne) begun.begin(house, *house.publish(kWaits), kOfOne);
  ASSERT_TRUE(EngineHouse::until([&] { return begun.well + begun.refused == kRuns; }));
  EXPECT_EQ(begun.refused, 0U);
  ASSERT_TRUE(EngineHouse::until([&] { return house.engine->figures().timers == kRuns; }));
  EXPECT_LE(house.engine->figures().in_memory, 101U);
  house.clock.advance_to(house.clock.now() + std::chrono::seconds(60));
  ASSERT_TRUE(EngineHouse::until([&] { return house.engine->figures().runs == 0; }));
  EXPECT_EQ(ends_in(house), kRuns);
}

TEST(BadDays, BeyondItsMostRunsAreRefusedAndLaterTaken) {
  EngineHouse house;
  EngineOptions options;
  options.runs = 10;
  house.start_engine(options);
  const auto workflow = house.publish(kWaits);
  Begun begun;
  begun.begin(house, *workflow, 12);
  ASSERT_TRUE(EngineHouse::until([&] { return begun.well + begun.refused == 12; }));
  EXPECT_EQ(begun.refused, 2U);
  const auto refused = house.begin(*workflow, "{}", house.ids.fresh());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, commands::CommandError::Code::busy);
  house.clock.advance_to(house.clock.now() + std::chrono::seconds(60));
  ASSERT_TRUE(EngineHouse::until([&] { return house.engine->figures().runs == 0; }));
  EXPECT_TRUE(house.begin(*workflow, "{}", house.ids.fresh()));
  EXPECT_EQ(ends_in(house), 10U);
}

TEST(BadDays, ExpressionThatWouldRunForEverIsAnErrorOfItsRun) {
  EngineHouse house;
  house.start_engine();
  const auto endless =
      house.publish(R"({"QueryLanguage":"JSONata","StartAt":"P","States":{"P":{"Type":"Pass","End":true,
    "Output":"{% ($f := function($n) { $f($n + 1) }; $f(0)) %}"}}})");
  const auto modest = house.publish(R"({"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}})");
  const auto first = house.ids.fresh(), second = house.ids.fresh();
  ASSERT_TRUE(house.begin(*endless, "{}", first));
  ASSERT_TRUE(house.begin(*modest, "{}", second));
  ASSERT_TRUE(house.run_to_end(second));
  ASSERT_TRUE(house.run_to_end(first));
  EXPECT_EQ(house.run(second)->status, RunStatus::completed);
  EXPECT_EQ(house.run(first)->status, RunStatus::failed);
  EXPECT_EQ(house.run(first)->error, "States.QueryEvaluationError");
}

TEST(Turns, AWorkspaceWithMuchToDoDoesNotHoldUpTheOthers) {
  Turns<int> turns;
  for (int item = 0; item < 1000; ++item) turns.add("busy", item);
  turns.add("modest", 5000);
  turns.add("other", 7000);
  turns.add("modest", 5001);
  EXPECT_EQ(turns.size(), 1003U);
  std::vector<int> first;
  for (int turn = 0; turn < 6; ++turn) first.push_back(turns.next().value());
  EXPECT_EQ(first, (std::vector{0, 5000, 7000, 1, 5001, 2}));
  for (int item = 3; item < 1000; ++item) EXPECT_EQ(turns.next(), item);
  EXPECT_EQ(turns.next(), std::nullopt);
  EXPECT_TRUE(turns.empty());
}

}  // namespace
}  // namespace flowstone::workers
