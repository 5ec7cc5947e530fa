// Runs of workflows, with an engine that is lost and started again.
#include <map>
#include <mutex>

#include <gtest/gtest.h>

#include "asl/history.hpp"
#include "tests/asl/compare.hpp"
#include "tests/asl/corpus.hpp"
#include "tests/workers/engine_house.hpp"

namespace flowstone::workers {
namespace {

using schemas::RunStatus;

// Without `max` where it is 0.
std::string with_concurrency(std::string_view mode, int max, std::string_view states) {
  const auto most = max == 0 ? std::string() : fmt::format(R"(,"max":{})", max);
  return fmt::format(R"({{"concurrency":{{"mode":"{}"{}}},"body":{}}})", mode, most, states);
}

constexpr std::string_view kThree = R"({"QueryLanguage":"JSONata","StartAt":"A","States":{
  "A":{"Type":"Pass","Output":"{% $states.input.n + 1 %}","Next":"B"},
  "B":{"Type":"Wait","Seconds":3600,"Next":"C"},
  "C":{"Type":"Succeed"}}})";
constexpr std::string_view kWaits = R"({"StartAt":"W","States":{"W":{"Type":"Task","Resource":"flowstone:signal",
  "Parameters":{"Name":"go"},"End":true}}})";
constexpr std::string_view kCalls = R"({"StartAt":"T","States":{"T":{"Type":"Task","Resource":"test:call","End":true,
  "Retry":[{"ErrorEquals":["Again"],"IntervalSeconds":5,"MaxAttempts":3}]}}})";

// Keeps what it was asked, and answers when it is told to.
class Recorder final : public TaskHandler {
 public:
  void perform(TaskCall call, Done done) override {
    const std::lock_guard lock(mutex_);
    calls_.push_back(std::move(call));
    waiting_.push_back(std::move(done));
  }
  void cancel(const std::string& key) override {
    const std::lock_guard lock(mutex_);
    cancelled_.push_back(key);
  }
  std::size_t calls() {
    const std::lock_guard lock(mutex_);
    return calls_.size();
  }
  TaskCall call(std::size_t at) {
    const std::lock_guard lock(mutex_);
    return calls_.at(at);
  }
  void answer(std::size_t at, TaskOutcome outcome) {
    Done done;
    {
      const std::lock_guard lock(mutex_);
      done = std::move(waiting_.at(at));
    }
    done(std::move(outcome));
  }
  std::vector<std::string> cancelled() {
    const std::lock_guard lock(mutex_);
    return cancelled_;
  }

 private:
  std::mutex mutex_;
  std::vector<TaskCall> calls_;
  std::vector<Done> waiting_;
  std::vector<std::string> cancelled_;
};

TEST(RunEngine, AWaitEndsWhenItsTimeHasComeAndOneAppendHoldsAllThatFollows) {
  EngineHouse house;
  house.start_engine();
  const auto workflow = house.publish(std::string(kThree));
  const auto id = house.ids.fresh();
  const auto begun = house.begin(*workflow, R"({"n":1})", id);
  ASSERT_TRUE(begun) << begun.error().detail;
  EXPECT_EQ(house.run(id)->status, RunStatus::running);
  EXPECT_EQ(Timestamp{house.run(id)->due_at.value()}, house.clock.now() + std::chrono::hours(1));
  ASSERT_TRUE(house.run_to_end(id));
  EXPECT_EQ(house.run(id)->status, RunStatus::completed);
  const auto events = house.machine_events(id);
  EXPECT_EQ(events.back().output.as_number(), 2);
}

TEST(RunEngine, ARunThatWaitedGoesOnAfterTheEngineWasLost) {
  EngineHouse house;
  house.start_engine();
  const auto workflow = house.publish(std::string(kThree));
  const auto id = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, R"({"n":1})", id));
  house.lose_engine();
  house.clock.advance_to(house.clock.now() + std::chrono::hours(2));
  house.start_engine();
  ASSERT_TRUE(house.run_to_end(id));
  EXPECT_EQ(house.run(id)->status, RunStatus::completed);
  EXPECT_EQ(house.machine_events(id).size(), 10U);
}

TEST(RunEngine, ATaskThatWasOutBeginsAgainUnderTheSameKeyAndARetryToo) {
  EngineHouse house;
  Recorder first, second;
  house.handler = [&first](std::string_view) { return &first; };
  house.start_engine();
  const auto workflow = house.publish(std::string(kCalls));
  const auto id = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, "{}", id));
  ASSERT_TRUE(EngineHouse::until([&] { return first.calls() == 1; }));
  house.lose_engine();
  house.handler = [&second](std::string_view) { return &second; };
  house.start_engine();
  ASSERT_TRUE(EngineHouse::until([&] { return second.calls() == 1; }));
  EXPECT_EQ(second.call(0).key, first.call(0).key);
  second.answer(0, {.output = {}, .error = "Again", .cause = "busy"});
  ASSERT_TRUE(EngineHouse::until([&] { return house.run(id)->due_at.has_value(); }));
  house.clock.advance_to(Timestamp{*house.run(id)->due_at});
  ASSERT_TRUE(EngineHouse::until([&] { return second.calls() == 2; }));
  EXPECT_EQ(second.call(1).key, first.call(0).key);
  EXPECT_EQ(second.call(1).attempt, 1U);
  second.answer(1, {.output = asl::Value::string("done")});
  ASSERT_TRUE(house.run_to_end(id));
  EXPECT_EQ(house.run(id)->status, RunStatus::completed);
  EXPECT_EQ(house.run(id)->steps.front()->retries, 1U);
}

TEST(RunEngine, SignalsAreKeptUntilATaskTakesThemAndTakenOnce) {
  EngineHouse house;
  house.start_engine();
  const auto workflow = house.publish(R"({"StartAt":"S","States":{"S":{"Type":"Wait","Seconds":60,"Next":"A"},
    "A":{"Type":"Task","Resource":"flowstone:signal","Parameters":{"Name":"go"},"Next":"B"},
    "B":{"Type":"Task","Resource":"flowstone:signal","Parameters":{"Name":"go"},"End":true}}})");
  const auto id = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, "{}", id));
  ASSERT_TRUE(house.carry_out("signal_run", id, R"({"name":"go","payload":{"n":1}})"));
  ASSERT_TRUE(house.carry_out("signal_run", id, R"({"name":"other"})"));
  house.lose_engine();
  house.start_engine();
  house.clock.advance_to(house.clock.now() + std::chrono::minutes(2));
  ASSERT_TRUE(EngineHouse::until([&] { return house.run(id)->steps.size() == 3; }));
  house.lose_engine();
  house.start_engine();
  EXPECT_EQ(house.run(id)->status, RunStatus::running);
  ASSERT_TRUE(house.carry_out("signal_run", id, R"({"name":"go","payload":{"n":2}})"));
  ASSERT_TRUE(house.run_to_end(id));
  const auto events = house.machine_events(id);
  EXPECT_EQ(events.back().output.find("Payload")->find("n")->as_number(), 2);
}

TEST(RunEngine, APausedRunStandsStillUntilItIsResumed) {
  EngineHouse house;
  house.start_engine();
  const auto workflow = house.publish(std::string(kThree));
  const auto id = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, R"({"n":1})", id));
  ASSERT_TRUE(house.carry_out("pause_run", id, "{}"));
  house.lose_engine();
  house.start_engine();
  house.clock.advance_to(house.clock.now() + std::chrono::hours(2));
  ASSERT_TRUE(house.engine->wait_until_taken_up(std::chrono::seconds(60)));
  EXPECT_EQ(house.run(id)->status, RunStatus::paused);
  ASSERT_TRUE(house.carry_out("resume_run", id, "{}"));
  ASSERT_TRUE(house.run_to_end(id));
  EXPECT_EQ(house.run(id)->status, RunStatus::completed);
}

TEST(RunEngine, CancellingReachesTasksAndChildRuns) {
  EngineHouse house;
  Recorder recorder;
  house.handler = [&recorder](std::string_view resource) { return resource == "test:call" ? &recorder : nullptr; };
  house.start_engine();
  const auto child = house.publish(std::string(kCalls));
  const auto workflow = house.publish(fmt::format(
      R"({{"StartAt":"R","States":{{"R":{{"Type":"Task","Resource":"flowstone:run","Parameters":{{"Workflow":"{}"}},"End":true}}}}}})",
      child->id));
  const auto id = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, "{}", id));
  ASSERT_TRUE(EngineHouse::until([&] { return recorder.calls() == 1; }));
  const auto child_run = recorder.call(0).run_id;
  EXPECT_EQ(house.run(child_run)->parent_run_id, id);
  EXPECT_EQ(house.run(child_run)->depth, 1U);
  ASSERT_TRUE(house.carry_out("cancel_run", id, R"({"reason":"enough"})"));
  ASSERT_TRUE(house.run_to_end(id));
  EXPECT_EQ(house.run(id)->status, RunStatus::cancelled);
  EXPECT_EQ(house.run(id)->cause, "enough");
  ASSERT_TRUE(house.run_to_end(child_run));
  EXPECT_EQ(house.run(child_run)->status, RunStatus::cancelled);
  ASSERT_TRUE(EngineHouse::until([&] { return recorder.cancelled().size() == 1; }));
  EXPECT_EQ(recorder.cancelled().front(), recorder.call(0).key);
}

TEST(RunEngine, ARunThatWasCancelledWhenNobodyListenedEndsAtTheNextStart) {
  EngineHouse house;
  house.start_engine();
  const auto workflow = house.publish(std::string(kThree));
  const auto id = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, R"({"n":1})", id));
  house.lose_engine();
  ASSERT_TRUE(house.carry_out("cancel_run", id, R"({"reason":"enough"})"));
  house.start_engine();
  ASSERT_TRUE(EngineHouse::until([&] { return house.run(id)->status == RunStatus::cancelled; }));
  EXPECT_EQ(house.run(id)->cause, "enough");
}

TEST(RunEngine, WhoWaitsForAnEndIsToldWhenItComesAndHowTheRunStandsWhenItDoesNot) {
  EngineHouse house;
  house.start_engine();
  const auto workflow = house.publish(std::string(kWaits));
  const auto id = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, "{}", id));
  const auto told = [&house, &id](std::chrono::milliseconds patience) {
    auto said = std::make_shared<std::promise<commands::CommandResult>>();
    house.engine->wait_for_end(std::string(EngineHouse::kWorkspace), id, patience,
                               [said](commands::CommandResult result) { said->set_value(std::move(result)); });
    return said->get_future();
  };
  auto impatient = told(std::chrono::milliseconds(0)).get();
  ASSERT_TRUE(impatient);
  EXPECT_EQ(house.run(id)->status, RunStatus::running);
  auto patient = told(std::chrono::hours(1));
  ASSERT_TRUE(house.carry_out("signal_run", id, R"({"name":"go"})"));
  const auto outcome = patient.get();
  ASSERT_TRUE(outcome);
  schemas::RunT run;
  flatbuffers::GetRoot<schemas::Run>(outcome->row.data())->UnPackTo(&run);
  EXPECT_EQ(run.status, RunStatus::completed);
  // It has ended: nobody waits.
  EXPECT_TRUE(told(std::chrono::hours(1)).get());
}

TEST(RunEngine, APersonsAnswerEndsTheTaskAlsoWhenNobodyListened) {
  EngineHouse house;
  house.start_engine();
  const auto workflow = house.publish(
      R"({"StartAt":"I","States":{"I":{"Type":"Task","Resource":"flowstone:input","Parameters":{"Title":"Approve?"},"End":true}}})");
  const auto id = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, "{}", id));
  const auto& task = *schemas::contracts().find_aggregate("task");
  projections::ListQuery query;
  query.workspace = EngineHouse::kWorkspace;
  std::string asked;
  ASSERT_TRUE(EngineHouse::until([&] {
    const auto page = house.catalog->list(task, query);
    if (page && !page->rows.empty()) asked = page->rows.front().id;
    return !asked.empty();
  }));
  house.lose_engine();
  ASSERT_TRUE(house.carry_out("complete_task", asked, "{}"));
  house.start_engine();
  ASSERT_TRUE(house.run_to_end(id));
  EXPECT_EQ(house.machine_events(id).back().output.find("TaskId")->text(), asked);
}

TEST(RunEngine, AnInputThatBreaksTheSchemaIsRefusedAndNothingIsInTheLog) {
  EngineHouse house;
  house.start_engine();
  const auto workflow = house.publish(
      R"({"inputs":{"type":"object","required":["n"],"properties":{"n":{"type":"integer"}}},"body":{"StartAt":"D","States":{"D":{"Type":"Succeed"}}}})");
  const auto id = house.ids.fresh();
  const auto refused = house.begin(*workflow, R"({"n":"x"})", id);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().rejection.field, "input.n");
  EXPECT_EQ(house.run(id), nullptr);
  EXPECT_TRUE(house.begin(*workflow, R"({"n":1})", id));
}

TEST(RunEngine, RefusedRunLeavesNothingBehindItAndItsIdIsFree) {
  EngineHouse house;
  house.start_engine();
  const auto workflow = house.publish(with_concurrency("single", 0, kWaits));
  ASSERT_TRUE(house.begin(*workflow, "{}", house.ids.fresh()));
  const auto id = house.ids.fresh();
  for (int time = 0; time < 50; ++time) {
    const auto refused = house.begin(*workflow, "{}", id);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().rejection.code, "concurrency_limit");
  }
  EXPECT_EQ(house.engine->figures().runs, 1U);
}

TEST(RunEngine, FiguresCountWhatWaits) {
  EngineHouse house;
  house.start_engine();
  const auto workflow = house.publish(R"({"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}})");
  const auto id = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, "{}", id));
  EXPECT_TRUE(EngineHouse::until([&] { return house.engine->figures().timers == 1; }));
  EXPECT_EQ(house.engine->figures().runs, 1U);
  ASSERT_TRUE(house.run_to_end(id));
  EXPECT_TRUE(EngineHouse::until([&] { return house.engine->figures().runs == 0; }));
}

TEST(RunEngine, AskingTwiceForOneRunIsRefusedTheSecondTime) {
  EngineHouse house;
  house.start_engine();
  const auto workflow = house.publish(std::string(kWaits));
  const auto id = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, "{}", id));
  const auto again = house.begin(*workflow, "{}", id);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().rejection.code, "run_exists");
}

TEST(RunEngine, ConcurrencyIsWhatTheDefinitionSays) {
  EngineHouse house;
  house.start_engine();
  const auto run_of = [&house](const schemas::WorkflowT& workflow, bool begins) {
    const auto id = house.ids.fresh();
    const auto said = house.begin(workflow, "{}", id);
    EXPECT_EQ(said.has_value(), begins);
    if (!begins) EXPECT_EQ(said.error().rejection.code, "concurrency_limit");
    return id;
  };
  const auto single = house.publish(with_concurrency("single", 0, kWaits));
  run_of(*single, true);
  run_of(*single, false);
  const auto two = house.publish(with_concurrency("parallel", 2, kWaits));
  run_of(*two, true);
  run_of(*two, true);
  run_of(*two, false);
  const auto restart = house.publish(with_concurrency("restart", 0, kWaits));
  const auto old = run_of(*restart, true);
  const auto fresh = run_of(*restart, true);
  ASSERT_TRUE(house.run_to_end(old));
  EXPECT_EQ(house.run(old)->status, RunStatus::cancelled);
  EXPECT_EQ(house.run(fresh)->status, RunStatus::running);
  const auto queued = house.publish(with_concurrency("queued", 2, kWaits));
  const auto runs = run_of(*queued, true);
  const auto waits = run_of(*queued, true);
  run_of(*queued, false);
  EXPECT_EQ(house.run(waits)->status, RunStatus::requested);
  house.lose_engine();
  house.start_engine();
  ASSERT_TRUE(house.carry_out("signal_run", runs, R"({"name":"go"})"));
  ASSERT_TRUE(house.run_to_end(runs));
  ASSERT_TRUE(EngineHouse::until([&] { return house.run(waits)->status == RunStatus::running; }));
}

TEST(RunEngine, AWorkflowThatNeverEndsStopsAtItsLimit) {
  EngineHouse house;
  house.start_engine({.batch = 50, .limits = {.events = 500, .evaluation = {}}});
  const auto workflow = house.publish(
      R"({"StartAt":"A","States":{"A":{"Type":"Pass","Next":"C"},"C":{"Type":"Choice","Choices":[{"Variable":"$.stop","IsPresent":true,"Next":"E"}],"Default":"A"},"E":{"Type":"Succeed"}}})");
  ASSERT_TRUE(workflow);
  const auto id = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, "{}", id));
  ASSERT_TRUE(house.run_to_end(id));
  EXPECT_EQ(house.run(id)->status, RunStatus::failed);
  EXPECT_EQ(house.run(id)->last_sequence, 501U);
}

// What was recorded stands here too although the engine was lost while it ran.
TEST(RunEngine, RecordedHistoriesAreTheSameWhenTheEngineIsLostOnTheWay) {
  if (!std::filesystem::exists(asl::corpus())) GTEST_SKIP() << "the recordings are not at " << asl::corpus();
  EngineHouse house;
  std::size_t compared = 0;
  const auto known = asl::known_differences("cases");
  for (const auto& file : asl::files_in("cases")) {
    const auto recorded = asl::json_of(file);
    const auto text = asl::text_of(*recorded.find("definition"));
    // What a run is called, and the time of the recording, are its own.
    const bool names_itself = text.contains("\"$$") || text.contains("$$.") || text.contains("states.context") ||
                              recorded.find("now") != nullptr;
    if (names_itself || known.contains(file.filename().string()) || known.contains(file.stem().string()) ||
        recorded.find("status")->text() == "ABORTED")
      continue;
    house.start_engine({.batch = 3});
    const auto workflow = house.publish(with_concurrency("parallel", 1, text));
    if (!workflow) continue;
    const auto id = house.ids.fresh();
    const auto input = asl::text_of(*recorded.find("input"));
    ASSERT_TRUE(house.begin(*workflow, input, id)) << file;
    house.lose_engine();
    house.start_engine({.batch = 3});
    ASSERT_TRUE(house.run_to_end(id)) << file << house.description(id);
    const auto read = asl::read_definition(text);
    const auto wrong = asl::difference(recorded, asl::history(*read, house.machine_events(id)));
    EXPECT_EQ(wrong, "") << file;
    ++compared;
    house.lose_engine();
  }
  fmt::print("{} recorded executions are the same with the engine lost on the way\n", compared);
  EXPECT_GT(compared, 100U);
}

}  // namespace
}  // namespace flowstone::workers
