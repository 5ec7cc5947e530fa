// What a machine decides becomes events of its run, and those the machine's again.
#include <gtest/gtest.h>

#include "asl/simulator.hpp"
#include "domain/run.hpp"
#include "domain/run/machine.hpp"
#include "jsonata/json_text.hpp"

namespace flowstone::domain {
namespace {

using asl::Value;

constexpr Timestamp kNow{1'700'000'000'000'000};
constexpr std::string_view kEverything = R"({"QueryLanguage":"JSONata","StartAt":"Each","States":{
  "Each":{"Type":"Map","Items":[1,2,3],"ToleratedFailureCount":1,"ItemProcessor":{"StartAt":"Ask","States":{
    "Ask":{"Type":"Task","Resource":"flowstone:http","Arguments":{"n":"{% $states.input %}"},"End":true,
      "Retry":[{"ErrorEquals":["Again"],"IntervalSeconds":2,"MaxAttempts":2}],
      "Catch":[{"ErrorEquals":["Never"],"Next":"Ask2"}]},
    "Ask2":{"Type":"Pass","Output":"caught","End":true}}},
    "Assign":{"all":"{% $states.result %}"},"Next":"Both"},
  "Both":{"Type":"Parallel","Branches":[
    {"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":3,"End":true}}},
    {"StartAt":"F","States":{"F":{"Type":"Fail","Error":"","Cause":""}}}],
    "Catch":[{"ErrorEquals":["States.ALL"],"Next":"Last"}],"End":true},
  "Last":{"Type":"Choice","Choices":[{"Condition":"{% $count($all) = 3 %}","Next":"Good"}],"Default":"Bad"},
  "Good":{"Type":"Succeed","Output":"{% $all %}"},
  "Bad":{"Type":"Fail","Error":"Odd"}}})";

asl::Simulation simulated() {
  auto read = asl::read_definition(std::string(kEverything));
  EXPECT_TRUE(read) << (read ? "" : read.error().front().sentence);
  const auto answers = asl::read_answers(*jsonata::read_json(
      R"({"Ask":[{"Return":1},{"Throw":{"Error":"Again","Cause":"busy"}},{"Throw":{"Error":"Never"}},{"Return":2}]})"));
  asl::SimulateOptions options;
  options.now = kNow;
  options.start = {.name = "n", .id = "r", .seed = 7};
  return asl::simulate(std::make_shared<const asl::Definition>(*std::move(read)), Value::object({}), *answers, options);
}

schemas::AdvanceRunT advance_of(const asl::Events& events, std::uint64_t sequence) {
  schemas::AdvanceRunT advance;
  advance.sequence = sequence;
  for (const auto& event : events)
    advance.transitions.push_back(std::make_unique<schemas::RunTransitionT>(transition_of(event)));
  return advance;
}

std::string text_of(const asl::Event& event) { return *jsonata::write_json(asl::to_value(event)); }

schemas::RunT requested() {
  schemas::RunT run;
  run.workflow_id = "01920000-0000-7000-8000-000000000001";
  return run;
}

TEST(RunMachine, EveryEventComesBackAsItWas) {
  const auto made = simulated();
  ASSERT_EQ(made.status, asl::Status::succeeded);
  const auto decided = run::advance(requested(), advance_of(made.events, 1));
  ASSERT_TRUE(decided);
  ASSERT_EQ(decided->size(), made.events.size());
  for (std::size_t at = 0; at < made.events.size(); ++at) {
    ASSERT_TRUE(is_of_machine((*decided)[at]));
    const auto back = machine_event_of((*decided)[at], Value::object({}));
    ASSERT_TRUE(back) << back.error();
    EXPECT_EQ(text_of(*back), text_of(made.events[at]));
  }
}

TEST(RunMachine, AnEmptyNameOfAnErrorIsNotNone) {
  asl::Event event = asl::abort("", std::nullopt, kNow);
  const auto decided = run::advance(requested(), advance_of({event}, 1));
  ASSERT_TRUE(decided);
  const auto back = machine_event_of(decided->front(), {});
  ASSERT_TRUE(back);
  EXPECT_EQ(back->error, "");
  EXPECT_EQ(back->cause, std::nullopt);
}

TEST(RunMachine, AGapInTheSequenceIsRefused) {
  auto state = requested();
  state.last_sequence = 4;
  const auto decided = run::advance(state, advance_of({asl::abort({}, {}, kNow)}, 7));
  ASSERT_FALSE(decided);
  EXPECT_EQ(decided.error().code, "sequence_gap");
  EXPECT_TRUE(run::advance(state, advance_of({asl::abort({}, {}, kNow)}, 5)));
}

TEST(RunMachine, TheRunShowsHowOftenEachStepBeganFailedAndWasTriedAgain) {
  const auto made = simulated();
  const auto decided = run::advance(requested(), advance_of(made.events, 1));
  ASSERT_TRUE(decided);
  auto state = requested();
  for (const auto& event : *decided)
    Run::evolve(state, event, {.time = kNow, .actor = "a", .revision = {1}, .id = "r"});
  // What failed was dealt with.
  EXPECT_EQ(state.status, schemas::RunStatus::completed_with_errors);
  EXPECT_EQ(state.last_sequence, made.events.size());
  const auto step = [&state](std::string_view name) -> const schemas::RunStepT& {
    return **std::ranges::find(state.steps, name, [](const auto& each) { return each->name; });
  };
  EXPECT_EQ(step("Ask").begun, 3U);
  EXPECT_EQ(step("Ask").retries, 1U);
  EXPECT_EQ(step("Ask").failures, 1U);
  EXPECT_EQ(step("Ask2").begun, 1U);
  EXPECT_EQ(step("Each").status, schemas::StepStatus::completed);
  EXPECT_EQ(step("Good").status, schemas::StepStatus::completed);
  for (const auto& each : state.steps) EXPECT_EQ(each->under_way, 0U) << each->name;
}

TEST(RunMachine, ARunFromOutsideIsNotAdvancedAndAWorkflowsIsNotRecorded) {
  schemas::RunT recorded;
  Run::Command advance;
  advance.Set(advance_of({asl::abort({}, {}, kNow)}, 1));
  const auto refused = Run::decide(&recorded, advance, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "no_workflow");
  Run::Command record;
  record.Set(schemas::RecordRunEventsT{});
  const auto workflow = requested();
  const auto also = Run::decide(&workflow, record, {});
  ASSERT_FALSE(also);
  EXPECT_EQ(also.error().code, "workflow_run");
}

TEST(RunMachine, PausingAndResumingAreOnce) {
  auto state = requested();
  state.status = schemas::RunStatus::running;
  Run::Command pause;
  pause.Set(schemas::PauseRunT{});
  Run::Command resume;
  resume.Set(schemas::ResumeRunT{});
  EXPECT_TRUE(Run::decide(&state, resume, {})->empty());
  const auto paused = Run::decide(&state, pause, {});
  ASSERT_EQ(paused->size(), 1U);
  Run::evolve(state, paused->front(), {});
  EXPECT_EQ(state.status, schemas::RunStatus::paused);
  EXPECT_TRUE(Run::decide(&state, pause, {})->empty());
  const auto resumed = Run::decide(&state, resume, {});
  ASSERT_EQ(resumed->size(), 1U);
  Run::evolve(state, resumed->front(), {});
  EXPECT_EQ(state.status, schemas::RunStatus::running);
}

}  // namespace
}  // namespace flowstone::domain
