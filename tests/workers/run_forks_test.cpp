// Runs that go on from within others, with an engine that is lost and started again.
#include <gtest/gtest.h>

#include "asl/fork.hpp"
#include "asl/history.hpp"
#include "tests/asl/corpus.hpp"
#include "tests/workers/engine_house.hpp"
#include "workers/engine/past.hpp"

namespace flowstone::workers {
namespace {

using schemas::RunStatus;

constexpr std::string_view kWaits = R"({"StartAt":"A","States":{"A":{"Type":"Pass","Next":"W"},
  "W":{"Type":"Task","Resource":"flowstone:signal","Parameters":{"Name":"go"},"Next":"T"},
  "T":{"Type":"Wait","Seconds":60,"Next":"C"},"C":{"Type":"Succeed"}}})";

std::string json_of(const asl::Value& value) { return jsonata::write_json(value).value_or(""); }

// A command for a fork of the run.
schemas::RequestRunT fork_of(EngineHouse& house, const schemas::WorkflowT& workflow, const std::string& source,
                             std::uint64_t shared) {
  auto asked = commands::run_request_for(workflow, {});
  check(asked.has_value(), "a version of the workflow is published");
  std::string input;
  const auto take = [&input](const schemas::RunEventUnion& event, const eventstore::RecordedEvent&) {
    if (const auto* requested = event.AsRunRequested()) input = requested->input;
    return false;
  };
  check(projections::each_run_event(*house.store, EngineHouse::kWorkspace, source, take).has_value(), "it can be read");
  asked->input = input;
  asked->forked_from = source;
  asked->forked_sequence = shared;
  return *std::move(asked);
}

commands::CommandResult begin(EngineHouse& house, const schemas::RequestRunT& asked, const std::string& id) {
  // The one who answers may still hold it when the answer is here.
  const auto said = std::make_shared<std::promise<commands::CommandResult>>();
  house.engine->start(commands::command_of(std::string(EngineHouse::kWorkspace), id, "test", asked),
                      [said](commands::CommandResult result) { said->set_value(std::move(result)); });
  return said->get_future().get();
}

// Answers every task with what it got, or as a failure where that names one; `well` lets all succeed.
class Echo final : public TaskHandler {
 public:
  void perform(TaskCall call, Done done) override {
    const auto* fails = call.input.is_object() ? call.input.find("fail") : nullptr;
    ++calls;
    if (fails == nullptr || well) return done({.output = call.input});
    done({.output = {}, .error = fails->text(), .cause = "as it was asked"});
  }
  void cancel(const std::string&) override {}
  std::atomic<std::size_t> calls{0};
  std::atomic<bool> well{false};
};

TEST(RunForks, AForkFromAnyEventEndsAsTheRunThatItWasMadeFrom) {
  EngineHouse house;
  Echo echo;
  house.handler = [&echo](std::string_view) { return &echo; };
  house.start_engine({.batch = 3});
  const auto workflow = house.publish(R"({"StartAt":"M","States":{
    "M":{"Type":"Map","ItemProcessor":{"StartAt":"F","States":{"F":{"Type":"Task","Resource":"test:echo","End":true,
      "Retry":[{"ErrorEquals":["Again"],"IntervalSeconds":5,"MaxAttempts":1}]}}},
      "Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$","Next":"W"}],"Next":"W"},
    "W":{"Type":"Wait","Seconds":30,"Next":"E"},"E":{"Type":"Pass","Parameters":{"end":true},"End":true}}})");
  const auto source = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, R"([{"n":0},{"fail":"Again"}])", source));
  ASSERT_TRUE(house.run_to_end(source)) << house.description(source);
  const auto events = house.machine_events(source);
  ASSERT_GT(events.size(), 20U);
  for (std::uint64_t shared = 0; shared < events.size(); ++shared) {
    const auto id = house.ids.fresh();
    ASSERT_TRUE(begin(house, fork_of(house, *workflow, source, shared), id)) << shared;
    if (shared % 3 == 0) {
      house.lose_engine();
      house.start_engine({.batch = 3});
    }
    ASSERT_TRUE(house.run_to_end(id)) << shared << house.description(id);
    const auto run = house.run(id);
    EXPECT_EQ(run->status, house.run(source)->status) << shared;
    EXPECT_EQ(run->forked_from, source);
    EXPECT_EQ(run->forked_sequence, shared);
    const auto forked = house.machine_events(id);
    ASSERT_GE(forked.size(), shared);
    for (std::size_t at = 1; at < shared; ++at) EXPECT_EQ(forked[at].type, events[at].type) << shared << ", " << at;
    EXPECT_EQ(json_of(forked.back().output), json_of(events.back().output));
  }
}

TEST(RunForks, RecordedRunsEndTheSameFromEveryEvent) {
  if (!std::filesystem::exists(asl::corpus())) GTEST_SKIP() << "the recordings are not at " << asl::corpus();
  EngineHouse house;
  house.start_engine({.batch = 7});
  std::size_t runs = 0, forks = 0, retries = 0;
  for (const auto& file : asl::files_in("cases")) {
    const auto recorded = asl::json_of(file);
    const auto text = asl::text_of(*recorded.find("definition"));
    const bool draws = text.contains("UUID") || text.contains("uuid") || text.contains("andom") ||
                       text.contains("$$") || text.contains("context") || text.contains("now") ||
                       text.contains("millis") || recorded.find("now") != nullptr;
    if (draws || recorded.find("status")->text() == "ABORTED") continue;
    const auto workflow = house.publish(text);
    if (!workflow) continue;
    const auto source = house.ids.fresh();
    ASSERT_TRUE(house.begin(*workflow, asl::text_of(*recorded.find("input")), source)) << file;
    ASSERT_TRUE(house.run_to_end(source)) << file << house.description(source);
    const auto events = house.machine_events(source);
    if (events.size() < 5 || events.size() > 60) continue;
    ++runs;
    for (std::uint64_t shared = 1; shared < events.size(); shared += 2) {
      const auto id = house.ids.fresh();
      const auto begun = begin(house, fork_of(house, *workflow, source, shared), id);
      ASSERT_TRUE(begun) << file << " " << shared << begun.error().rejection.detail << begun.error().detail;
      ASSERT_TRUE(house.run_to_end(id)) << file << " " << shared << house.description(id);
      EXPECT_EQ(house.run(id)->status, house.run(source)->status) << file << " " << shared;
      EXPECT_EQ(house.run(id)->error, house.run(source)->error) << file << " " << shared;
      const auto forked = house.machine_events(id);
      EXPECT_EQ(forked.size(), events.size()) << file << " " << shared;
      EXPECT_EQ(json_of(forked.back().output), json_of(events.back().output)) << file;
      ++forks;
    }
    // What failed fails again, as nothing was mended; all that is kept can follow each other.
    const auto kept = asl::kept_for_retry(*asl::read_definition(text), events);
    if (!kept) continue;
    auto asked = fork_of(house, *workflow, source, kept->size());
    asked.retries_failed = true;
    const auto id = house.ids.fresh();
    ASSERT_TRUE(begin(house, asked, id)) << file;
    ASSERT_TRUE(house.run_to_end(id)) << file << house.description(id);
    EXPECT_EQ(house.run(id)->status, house.run(source)->status) << file;
    EXPECT_EQ(house.run(id)->error, house.run(source)->error) << file;
    ++retries;
  }
  fmt::print("{} forks and {} retries of {} recorded runs end as those do\n", forks, retries, runs);
  EXPECT_GE(runs, 30U);
  EXPECT_GE(retries, 5U);
}

TEST(RunForks, WhatTheOtherRunWasToldAndHadNotTakenIsTakenOver) {
  EngineHouse house;
  house.start_engine();
  const auto workflow = house.publish(R"({"StartAt":"S","States":{"S":{"Type":"Wait","Seconds":60,"Next":"A"},
    "A":{"Type":"Task","Resource":"flowstone:signal","Parameters":{"Name":"go"},"Next":"B"},
    "B":{"Type":"Task","Resource":"flowstone:signal","Parameters":{"Name":"go"},"End":true}}})");
  const auto source = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, "{}", source));
  for (const auto* payload : {R"({"name":"go","payload":1})", R"({"name":"go","payload":2})"})
    ASSERT_TRUE(house.carry_out("signal_run", source, payload));
  ASSERT_TRUE(house.run_to_end(source));
  const auto events = house.machine_events(source);
  for (std::uint64_t shared = 4; shared < events.size(); ++shared) {
    const auto id = house.ids.fresh();
    ASSERT_TRUE(begin(house, fork_of(house, *workflow, source, shared), id));
    house.lose_engine();
    house.start_engine();
    ASSERT_TRUE(house.run_to_end(id)) << shared << house.description(id);
    EXPECT_EQ(house.machine_events(id).back().output.find("Payload")->as_number(), 2) << shared;
  }
}

TEST(RunForks, OfWhatTheOtherRunWasToldTheNewestIsTakenOver) {
  EngineHouse house;
  house.start_engine();
  const auto workflow = house.publish(R"({"StartAt":"S","States":{"S":{"Type":"Wait","Seconds":60,"Next":"A"},
    "A":{"Type":"Task","Resource":"flowstone:signal","Parameters":{"Name":"go"},"End":true}}})");
  const auto source = house.ids.fresh(), id = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, "{}", source));
  for (std::size_t told = 1; told <= kMostSignals + 1; ++told)
    ASSERT_TRUE(house.carry_out("signal_run", source, fmt::format(R"({{"name":"go","payload":{}}})", told)));
  ASSERT_TRUE(house.run_to_end(source));
  const auto events = house.machine_events(source);
  EXPECT_EQ(events.back().output.find("Payload")->as_number(), 1);
  ASSERT_TRUE(begin(house, fork_of(house, *workflow, source, 4), id));
  ASSERT_TRUE(house.run_to_end(id)) << house.description(id);
  EXPECT_EQ(house.machine_events(id).back().output.find("Payload")->as_number(), 2);
}

TEST(RunForks, AForkOfARunThatGoesOnWaitsUnderAKeyOfItsOwnForWhatWasLeft) {
  EngineHouse house;
  house.start_engine();
  const auto workflow = house.publish(std::string(kWaits));
  const auto source = house.ids.fresh(), id = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, "{}", source));
  ASSERT_TRUE(EngineHouse::until([&] { return house.run(source)->open_tasks == 1; }));
  ASSERT_TRUE(begin(house, fork_of(house, *workflow, source, house.run(source)->last_sequence), id));
  EXPECT_EQ(house.run(id)->open_tasks, 1U);
  ASSERT_TRUE(house.carry_out("signal_run", id, R"({"name":"go"})"));
  ASSERT_TRUE(house.run_to_end(id));
  EXPECT_EQ(house.run(source)->status, RunStatus::running);
  ASSERT_TRUE(house.carry_out("signal_run", source, R"({"name":"go"})"));
  ASSERT_TRUE(EngineHouse::until([&] { return house.run(source)->due_at.has_value(); }));
  // Forked where it waits, an hour later: a minute was left.
  const auto sequence = house.run(source)->last_sequence;
  house.lose_engine();
  house.clock.advance_to(house.clock.now() + std::chrono::hours(1));
  house.start_engine();
  const auto late = house.ids.fresh();
  ASSERT_TRUE(begin(house, fork_of(house, *workflow, source, sequence), late));
  EXPECT_EQ(Timestamp{house.run(late)->due_at.value()}, house.clock.now() + std::chrono::minutes(1));
  ASSERT_TRUE(house.run_to_end(late));
  EXPECT_EQ(house.run(late)->status, RunStatus::completed);
}

TEST(RunForks, OnlyWhatFailedIsDoneAgain) {
  EngineHouse house;
  Echo echo;
  house.handler = [&echo](std::string_view) { return &echo; };
  house.start_engine({.batch = 3});
  const auto workflow = house.publish(R"({"StartAt":"M","States":{
    "M":{"Type":"Map","MaxConcurrency":1,"ItemProcessor":{"StartAt":"F","States":{"F":{"Type":"Task","Resource":"test:echo","End":true}}},
    "End":true}}})");
  const auto source = house.ids.fresh(), id = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, R"([{"n":0},{"n":1},{"fail":"No"},{"n":3}])", source));
  ASSERT_TRUE(house.run_to_end(source));
  EXPECT_EQ(house.run(source)->status, RunStatus::failed);
  const auto definition = asl::read_definition(
      R"({"StartAt":"M","States":{"M":{"Type":"Map","ItemProcessor":{"StartAt":"F","States":{"F":{"Type":"Task","Resource":"urn:t","End":true}}},"End":true}}})");
  const auto kept = asl::kept_for_retry(*definition, house.machine_events(source));
  ASSERT_TRUE(kept.has_value());
  auto asked = fork_of(house, *workflow, source, kept->size());
  asked.retries_failed = true;
  echo.well = true;
  const auto before = echo.calls.load();
  ASSERT_TRUE(begin(house, asked, id));
  house.lose_engine();
  house.start_engine({.batch = 3});
  ASSERT_TRUE(house.run_to_end(id)) << house.description(id);
  EXPECT_EQ(house.run(id)->status, RunStatus::completed);
  EXPECT_EQ(house.machine_events(id).back().output.items().size(), 4U);
  EXPECT_LE(echo.calls - before, 4U);
}

TEST(RunForks, AForkCountsAsARunOfItsWorkflow) {
  EngineHouse house;
  house.start_engine();
  const auto workflow =
      house.publish(fmt::format(R"({{"concurrency":{{"mode":"queued","max":2}},"body":{}}})", kWaits));
  const auto source = house.ids.fresh(), id = house.ids.fresh(), refused = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, "{}", source));
  const auto asked = fork_of(house, *workflow, source, 3);
  ASSERT_TRUE(begin(house, asked, id));
  EXPECT_EQ(house.run(id)->status, RunStatus::requested);
  EXPECT_EQ(begin(house, asked, refused).error().rejection.code, "concurrency_limit");
  house.lose_engine();
  house.start_engine();
  ASSERT_TRUE(house.carry_out("cancel_run", source, "{}"));
  ASSERT_TRUE(EngineHouse::until([&] { return house.run(id)->status == RunStatus::running; }));
  ASSERT_TRUE(house.carry_out("signal_run", id, R"({"name":"go"})"));
  ASSERT_TRUE(house.run_to_end(id));
}

TEST(RunForks, AForkOfWhatIsNotThereIsRefused) {
  EngineHouse house;
  house.start_engine();
  const auto workflow = house.publish(std::string(kWaits));
  const auto source = house.ids.fresh(), id = house.ids.fresh();
  ASSERT_TRUE(house.begin(*workflow, "{}", source));
  EXPECT_FALSE(begin(house, fork_of(house, *workflow, source, 100), id));
  EXPECT_EQ(house.run(id), nullptr);
}

}  // namespace
}  // namespace flowstone::workers
