#include "domain/run.hpp"

#include <memory>

#include <gtest/gtest.h>

#include "tests/domain/story.hpp"

namespace flowstone::domain {
namespace {

using namespace schemas;  // NOLINT: the tables' names are the language of these tests
using Kind = RunEventKind;
using Input = std::unique_ptr<RunEventInputT>;

Input input(std::uint64_t sequence, Kind kind) {
  auto result = std::make_unique<RunEventInputT>();
  result->sequence = sequence;
  result->kind = kind;
  return result;
}

Input of_step(std::uint64_t sequence, Kind kind, std::string step) {
  auto result = input(sequence, kind);
  result->step = std::move(step);
  return result;
}

Input line(std::uint64_t sequence, std::string step, std::string text) {
  auto result = of_step(sequence, Kind::step_output, std::move(step));
  result->text = std::move(text);
  return result;
}

Input artifact(std::uint64_t sequence, std::string name) {
  auto result = input(sequence, Kind::artifact);
  result->artifact = std::make_unique<RunArtifactT>();
  result->artifact->name = std::move(name);
  return result;
}

template <class... Inputs>
RecordRunEventsT batch(Inputs... inputs) {
  RecordRunEventsT command;
  (command.events.push_back(std::move(inputs)), ...);
  return command;
}

using RunStory = Story<Run>;

RunStory requested() {
  RunRequestedT event;
  event.name = "make test";
  event.command = {"make", "test"};
  event.heartbeat_timeout_ms = 5000;
  return RunStory().given(event);
}

RunStory started() {
  auto story = requested();
  story.when(batch(input(1, Kind::started)));
  return story;
}

RunStory with_step() {
  auto story = started();
  story.when(batch(of_step(2, Kind::step_started, "build")));
  return story;
}

TEST(Run, IsOpenedWithEverythingThatWasGiven) {
  CreateRunT command;
  command.name = "make test";
  command.kind = "exec";
  command.command = {"make", "test"};
  command.working_directory = "somewhere";
  command.host = "here";
  command.labels = {"ci"};
  command.heartbeat_timeout_ms = 5000;
  const auto ending = RunStory().when(command);
  EXPECT_EQ(ending.recorded, Types{"run.requested"});
  EXPECT_EQ(ending.state.status, RunStatus::requested);
  EXPECT_EQ(ending.state.name, "make test");
  EXPECT_EQ(ending.state.kind, "exec");
  EXPECT_EQ(ending.state.command, (std::vector<std::string>{"make", "test"}));
  EXPECT_EQ(ending.state.working_directory, "somewhere");
  EXPECT_EQ(ending.state.host, "here");
  EXPECT_EQ(ending.state.labels, std::vector<std::string>{"ci"});
  EXPECT_EQ(ending.state.heartbeat_timeout_ms, 5000u);
  EXPECT_EQ(ending.state.requested_at, kNow.micros);
}

TEST(Run, IsNotOpenedTwice) { EXPECT_EQ(requested().when(CreateRunT{}).refused, "run_exists"); }

TEST(Run, ThatDoesNotExistTakesNoCommand) {
  EXPECT_EQ(RunStory().when(batch(input(1, Kind::started))).refused, "run_not_found");
  EXPECT_EQ(RunStory().when(CancelRunT{}).refused, "run_not_found");
  EXPECT_EQ(RunStory().when(LoseRunT{}).refused, "run_not_found");
}

TEST(Run, IsRecordedFromBeginningToEnd) {
  auto failed_step = of_step(6, Kind::step_finished, "test");
  failed_step->exit_code = 2;
  auto failed = input(7, Kind::failed);
  failed->exit_code = 2;
  failed->signal = "SIGTERM";
  failed->error = "it broke";
  failed->duration_ms = 1500;
  failed->at = 77;
  auto story = requested();
  const auto ending =
      story.when(batch(input(1, Kind::started), of_step(2, Kind::step_started, "build"), line(3, "build", "ok"),
                       of_step(4, Kind::step_finished, "build"), of_step(5, Kind::step_started, "test"),
                       std::move(failed_step), std::move(failed)));
  EXPECT_EQ(ending.recorded, (Types{"run.started", "run.step_started", "run.step_output", "run.step_finished",
                                    "run.step_started", "run.step_finished", "run.failed"}));
  EXPECT_EQ(ending.state.status, RunStatus::failed);
  EXPECT_EQ(ending.state.exit_code, 2);
  EXPECT_EQ(ending.state.signal, "SIGTERM");
  EXPECT_EQ(ending.state.error, "it broke");
  EXPECT_EQ(ending.state.duration_ms, 1500u);
  EXPECT_EQ(ending.state.finished_at, 77);
  EXPECT_EQ(ending.state.last_sequence, 7u);
  ASSERT_EQ(ending.state.steps.size(), 2u);
  EXPECT_EQ(ending.state.steps[0]->status, StepStatus::completed);
  EXPECT_EQ(ending.state.steps[0]->output_lines, 1u);
  EXPECT_EQ(ending.state.steps[1]->status, StepStatus::failed);
  EXPECT_EQ(ending.state.steps[1]->exit_code, 2);
}

TEST(Run, CountsLinesAndBytesOfOutput) {
  auto part = line(3, "build", "half a ");
  part->partial = true;
  auto raw = of_step(5, Kind::step_output, "build");
  raw->bytes = "/wD/AA==";  // four bytes
  raw->stream = OutputStream::stderr;
  const auto ending = with_step().when(batch(std::move(part), line(4, "build", "line"), std::move(raw)));
  EXPECT_EQ(ending.state.output_lines, 2u);
  EXPECT_EQ(ending.state.output_bytes, 7u + 4u + 4u);
  EXPECT_EQ(ending.state.steps[0]->output_lines, 2u);
  EXPECT_EQ(ending.events[2].AsRunStepOutput()->stream, OutputStream::stderr);
}

TEST(Run, AnEmptyLineIsALine) { EXPECT_EQ(with_step().when(batch(line(3, "build", ""))).state.output_lines, 1u); }

TEST(Run, TheSameBatchAgainRecordsNothing) {
  auto story = with_step();
  EXPECT_EQ(story.when(batch(line(3, "build", "a"), line(4, "build", "b"))).recorded.size(), 2u);
  EXPECT_EQ(story.when(batch(line(3, "build", "a"), line(4, "build", "b"))).recorded, Types{});
}

TEST(Run, OfAnOverlappingBatchOnlyTheNewPartIsTaken) {
  auto story = with_step();
  story.when(batch(line(3, "build", "a")));
  EXPECT_EQ(story.when(batch(line(3, "build", "a"), line(4, "build", "b"))).recorded, Types{"run.step_output"});
  EXPECT_EQ(story.state().output_lines, 2u);
}

TEST(Run, WhatWasTakenIsSkippedEvenAfterTheEnd) {
  auto story = with_step();
  story.when(batch(input(3, Kind::completed)));
  EXPECT_EQ(story.when(batch(of_step(2, Kind::step_started, "build"), input(3, Kind::completed))).recorded, Types{});
}

TEST(Run, AGapIsRefusedWithTheSequenceThatIsDue) {
  const auto ending = with_step().when(batch(line(3, "build", "a"), line(5, "build", "c")));
  EXPECT_EQ(ending.refused, "sequence_gap");
  EXPECT_EQ(ending.field, "events[1].sequence");
  EXPECT_NE(ending.detail.find("must be 4"), std::string::npos) << ending.detail;
}

TEST(Run, ABatchIsTakenWholeOrNotAtAll) {
  auto story = with_step();
  EXPECT_EQ(story.when(batch(line(3, "build", "a"), line(4, "deploy", "b"))).refused, "step_not_started");
  EXPECT_EQ(story.state().last_sequence, 2u);
  EXPECT_EQ(story.state().output_lines, 0u);
}

TEST(Run, NothingComesBeforeStartedButCancelled) {
  EXPECT_EQ(requested().when(batch(of_step(1, Kind::step_started, "build"))).refused, "run_not_started");
  EXPECT_EQ(requested().when(batch(input(1, Kind::heartbeat))).refused, "run_not_started");
  EXPECT_EQ(requested().when(batch(input(1, Kind::completed))).refused, "run_not_started");
  EXPECT_EQ(requested().when(batch(input(1, Kind::cancelled))).state.status, RunStatus::cancelled);
}

TEST(Run, StartsOnce) { EXPECT_EQ(started().when(batch(input(2, Kind::started))).refused, "run_already_started"); }

TEST(Run, EndsOnceAndThenTakesNothing) {
  for (const auto end : {Kind::completed, Kind::failed, Kind::cancelled}) {
    auto story = with_step();
    story.when(batch(input(3, end)));
    EXPECT_EQ(story.when(batch(line(4, "build", "late"))).refused, "run_ended");
    EXPECT_EQ(story.when(batch(input(4, Kind::completed))).refused, "run_ended");
    EXPECT_EQ(story.when(batch(artifact(4, "late.xml"))).refused, "run_ended");
  }
}

TEST(Run, AStepMustBeRunningToPrintOrFinish) {
  EXPECT_EQ(started().when(batch(line(2, "build", "a"))).refused, "step_not_started");
  EXPECT_EQ(started().when(batch(of_step(2, Kind::step_finished, "build"))).refused, "step_not_started");
  auto story = with_step();
  story.when(batch(of_step(3, Kind::step_finished, "build")));
  EXPECT_EQ(story.when(batch(line(4, "build", "late"))).refused, "step_finished");
  EXPECT_EQ(story.when(batch(of_step(4, Kind::step_finished, "build"))).refused, "step_finished");
}

TEST(Run, AStepRunsOnceAtATimeAndMayRunAgain) {
  auto story = with_step();
  EXPECT_EQ(story.when(batch(of_step(3, Kind::step_started, "build"))).refused, "step_running");
  const auto ending = story.when(
      batch(of_step(3, Kind::step_finished, "build"), of_step(4, Kind::step_started, "build"), line(5, "build", "a")));
  ASSERT_EQ(ending.state.steps.size(), 2u);
  EXPECT_EQ(ending.state.steps[0]->output_lines, 0u);
  EXPECT_EQ(ending.state.steps[1]->output_lines, 1u);
}

TEST(Run, AStepThatStillRunsEndsWithTheRun) {
  const auto completed = with_step().when(batch(input(3, Kind::completed)));
  EXPECT_EQ(completed.state.steps[0]->status, StepStatus::completed);
  EXPECT_TRUE(completed.state.steps[0]->finished_at.has_value());
  EXPECT_EQ(with_step().when(batch(input(3, Kind::failed))).state.steps[0]->status, StepStatus::failed);
}

TEST(Run, AFieldOfAnotherKindIsRefusedByName) {
  const auto refused_field = [](auto set, Kind kind) {
    auto given = input(3, kind);
    if (kind == Kind::step_output || kind == Kind::step_started) given->step = "build";
    set(*given);
    return with_step().when(batch(std::move(given))).field;
  };
  EXPECT_EQ(refused_field([](auto& i) { i.step = "build"; }, Kind::heartbeat), "events[0].step");
  EXPECT_EQ(refused_field([](auto& i) { i.stream = OutputStream::stderr; }, Kind::heartbeat), "events[0].stream");
  EXPECT_EQ(refused_field([](auto& i) { i.text = "a"; }, Kind::completed), "events[0].text");
  EXPECT_EQ(refused_field([](auto& i) { i.bytes = "YQ=="; }, Kind::completed), "events[0].bytes");
  EXPECT_EQ(refused_field([](auto& i) { i.partial = true; }, Kind::heartbeat), "events[0].partial");
  EXPECT_EQ(refused_field([](auto& i) { i.exit_code = 0; }, Kind::step_output), "events[0].exit_code");
  EXPECT_EQ(refused_field([](auto& i) { i.signal = "SIGKILL"; }, Kind::completed), "events[0].signal");
  EXPECT_EQ(refused_field([](auto& i) { i.error = "a"; }, Kind::cancelled), "events[0].error");
  EXPECT_EQ(refused_field([](auto& i) { i.duration_ms = 1; }, Kind::step_output), "events[0].duration_ms");
  EXPECT_EQ(refused_field([](auto& i) { i.artifact = std::make_unique<RunArtifactT>(); }, Kind::heartbeat),
            "events[0].artifact");
}

TEST(Run, AFieldThatAKindNeedsIsMissedByName) {
  EXPECT_EQ(with_step().when(batch(input(3, Kind::step_output))).field, "events[0].step");
  EXPECT_EQ(with_step().when(batch(input(3, Kind::artifact))).field, "events[0].artifact");
  auto both = line(3, "build", "a");
  both->bytes = "YQ==";
  EXPECT_EQ(with_step().when(batch(std::move(both))).field, "events[0].bytes");
  EXPECT_EQ(with_step().when(batch(input(3, Kind::artifact))).kind, Rejection::Kind::invalid);
}

TEST(Run, KeepsItsArtifacts) {
  const auto ending = with_step().when(batch(artifact(3, "report.xml")));
  ASSERT_EQ(ending.state.artifacts.size(), 1u);
  EXPECT_EQ(ending.state.artifacts[0]->name, "report.xml");
}

TEST(Run, HasAtMostAThousandSteps) {
  auto story = started();
  std::uint64_t sequence = 2;
  for (std::size_t i = 0; i < Run::kMaxSteps; ++i) {
    ASSERT_EQ(story.when(batch(of_step(sequence++, Kind::step_started, std::to_string(i)))).recorded.size(), 1u);
  }
  const auto ending = story.when(batch(of_step(sequence, Kind::step_started, "one more")));
  EXPECT_EQ(ending.refused, "too_many_steps");
  EXPECT_NE(ending.detail.find("1000"), std::string::npos);
}

TEST(Run, HasAtMostAThousandArtifactsCountedWithinABatchToo) {
  auto story = started();
  RecordRunEventsT command;
  for (std::uint64_t i = 0; i < Run::kMaxArtifacts; ++i) command.events.push_back(artifact(2 + i, std::to_string(i)));
  auto one_more = command;
  one_more.events.push_back(artifact(2 + Run::kMaxArtifacts, "one more"));
  EXPECT_EQ(story.when(one_more).refused, "too_many_artifacts");
  EXPECT_EQ(story.when(command).state.artifacts.size(), Run::kMaxArtifacts);
}

TEST(Run, CancellingBeforeTheStartEndsItAtOnce) {
  CancelRunT command;
  command.reason = "Started by mistake";
  auto story = requested();
  const auto ending = story.when(command);
  EXPECT_EQ(ending.recorded, (Types{"run.cancel_requested", "run.cancelled"}));
  EXPECT_EQ(ending.state.status, RunStatus::cancelled);
  EXPECT_TRUE(ending.state.finished_at.has_value());
  EXPECT_EQ(ending.state.last_sequence, 0u);
  EXPECT_EQ(story.when(command).recorded, Types{});
  EXPECT_EQ(story.when(batch(input(1, Kind::started))).refused, "run_ended");
}

TEST(Run, CancellingARunningOneAsksItsRecorder) {
  auto story = with_step();
  const auto ending = story.when(CancelRunT{});
  EXPECT_EQ(ending.recorded, Types{"run.cancel_requested"});
  EXPECT_EQ(ending.state.status, RunStatus::running);
  EXPECT_TRUE(ending.state.cancel_requested);
  EXPECT_EQ(story.when(CancelRunT{}).recorded, Types{});
  EXPECT_EQ(story.when(batch(input(3, Kind::cancelled))).state.status, RunStatus::cancelled);
}

TEST(Run, ThatHasEndedIsNotCancelled) {
  auto story = with_step();
  story.when(batch(input(3, Kind::completed)));
  EXPECT_EQ(story.when(CancelRunT{}).refused, "run_ended");
}

TEST(Run, IsLostOnlyAtTheRevisionThatWasSeen) {
  auto story = with_step();
  LoseRunT command;
  command.seen_revision = story.revision() - 1;
  EXPECT_EQ(story.when(command).recorded, Types{});
  command.seen_revision = story.revision();
  const auto ending = story.when(command);
  EXPECT_EQ(ending.recorded, Types{"run.lost"});
  EXPECT_EQ(ending.state.status, RunStatus::lost);
  EXPECT_EQ(ending.events[0].AsRunLost()->last_heard_at, kNow.micros);
  EXPECT_FALSE(ending.state.finished_at.has_value());
}

TEST(Run, IsLostOnlyWhileItRuns) {
  auto waiting = requested();
  LoseRunT command;
  command.seen_revision = waiting.revision();
  EXPECT_EQ(waiting.when(command).recorded, Types{});
  auto ended = with_step();
  ended.when(batch(input(3, Kind::completed)));
  command.seen_revision = ended.revision();
  EXPECT_EQ(ended.when(command).recorded, Types{});
}

TEST(Run, ThatWasLostGoesOnWhenItsRecorderComesBack) {
  auto story = with_step();
  LoseRunT command;
  command.seen_revision = story.revision();
  story.when(command);
  const auto ending = story.when(batch(line(3, "build", "still here")));
  EXPECT_EQ(ending.state.status, RunStatus::running);
  EXPECT_EQ(story.when(batch(input(4, Kind::completed))).state.status, RunStatus::completed);
}

TEST(Run, EveryNewEventIsASignOfLife) {
  auto story = with_step();
  const Timestamp later = kNow + std::chrono::minutes(1);
  EXPECT_EQ(story.at(later).when(batch(input(3, Kind::heartbeat))).state.heartbeat_at, later.micros);
  const Timestamp latest = later + std::chrono::minutes(1);
  EXPECT_EQ(story.at(latest).when(batch(line(4, "build", "a"))).state.heartbeat_at, latest.micros);
}

TEST(Run, SaysFromWhenOnItCountsAsLostWhileItRuns) {
  auto story = with_step();
  const auto later = kNow + std::chrono::minutes(1);
  const auto heard = story.at(later).when(batch(input(3, Kind::heartbeat))).state;
  EXPECT_EQ(heard.lost_at, later.micros + 5'000'000);
  LoseRunT lose;
  lose.seen_revision = story.revision();
  EXPECT_FALSE(story.when(lose).state.lost_at);
  EXPECT_TRUE(story.when(batch(line(4, "build", "still here"))).state.lost_at);
  EXPECT_FALSE(story.when(batch(input(5, Kind::completed))).state.lost_at);
}

}  // namespace
}  // namespace flowstone::domain
