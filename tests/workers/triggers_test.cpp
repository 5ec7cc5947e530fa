#include "workers/triggers/triggers.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/identifier.hpp"
#include "domain/trigger.hpp"
#include "tests/projections/world.hpp"
#include "workers/requests.hpp"
#include "workers/trigger_worker.hpp"

namespace flowstone::workers {
namespace {

using projections::id_number;
using projections::kHome;
using projections::World;
using schemas::EvaluationOutcome;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Evaluation = schemas::TriggerEvaluatedT;

constexpr std::string_view kBody = R"("body":{"StartAt":"Done","States":{"Done":{"Type":"Succeed"}}})";

// Records what is asked for, and does nothing else.
class RecordedRuns final : public commands::WorkflowRuns {
 public:
  explicit RecordedRuns(commands::Executor& executor) : executor_(executor) {}
  void start(commands::Command request, Done done) override {
    if (refusal.empty()) return executor_.execute(std::move(request), std::move(done));
    const auto code = refusal == "busy" ? commands::CommandError::Code::busy : commands::CommandError::Code::rejected;
    done(failure(commands::CommandError{
        .code = code, .rejection = {.code = refusal, .detail = "no", .field = {}}, .current = {}, .detail = {}}));
  }
  void report(commands::TaskWord, Done) override {}
  void wait_for_end(std::string, std::string, std::chrono::milliseconds, Done) override {}
  [[nodiscard]] Figures figures() const override { return {}; }

  std::string refusal;

 private:
  commands::Executor& executor_;
};

class TriggersTest : public testing::Test {
 protected:
  void SetUp() override { take_up(); }

  void take_up() {
    triggers.emplace(TriggerServices{.store = *world.store, .executor = executor, .runs = runs, .clock = world.clock});
    const auto done = triggers->take_up(stop.get_token());
    ASSERT_TRUE(done) << done.error();
  }
  void look() {
    // What a look appends, the next one sees.
    for (int round = 0; round < 3; ++round) {
      const auto done = triggers->look(stop.get_token());
      ASSERT_TRUE(done) << done.error();
    }
  }
  template <class Table>
  void execute(std::string_view aggregate, std::string_view command, const std::string& id, const Table& table) {
    const auto done = executor.execute(request(kHome, "key:1", aggregate, command, id, schemas::pack(table)));
    ASSERT_TRUE(done) << done.error().rejection.detail << done.error().detail;
  }
  // Publishes a definition with this trigger, the first time as a new workflow.
  void publish(std::string_view trigger, std::string_view more = "") {
    const auto text = fmt::format(R"({{"triggers":[{}],{}{}}})", trigger, more, kBody);
    if (!published_) {
      schemas::CreateWorkflowT create;
      create.id = kWorkflow;
      create.name = "Intake";
      create.definition = text;
      execute("workflow", "create_workflow", kWorkflow, create);
    } else {
      schemas::UpdateWorkflowT update;
      update.id = kWorkflow;
      update.definition = text;
      execute("workflow", "update_workflow", kWorkflow, update);
    }
    published_ = true;
    schemas::PublishWorkflowT publish;
    publish.id = kWorkflow;
    execute("workflow", "publish_workflow", kWorkflow, publish);
  }
  Position complete_task(std::string_view title = "A") {
    world.append(kHome, "task-" + id_number(++tasks_),
                 {{"task.created", fmt::format(R"({{"title":"{}"}})", title)}, {"task.completed"}});
    return world.store->state().durable;
  }
  schemas::TriggerT state() {
    auto read = read_state<schemas::TriggerT>(executor, kHome, "trigger", kTrigger);
    EXPECT_TRUE(read && *read);
    return read && *read ? **read : schemas::TriggerT{};
  }
  std::unique_ptr<schemas::RunT> run(const std::string& id) {
    return read_state<schemas::RunT>(executor, kHome, "run", id).value();
  }
  std::vector<Evaluation> evaluations() {
    std::vector<Evaluation> found;
    each_event("trigger.evaluated", [&found](const auto& event) {
      Evaluation evaluation;
      flatbuffers::GetRoot<schemas::TriggerEvaluated>(event.payload.data())->UnPackTo(&evaluation);
      found.push_back(std::move(evaluation));
    });
    return found;
  }
  std::size_t runs_requested() {
    std::size_t count = 0;
    each_event("run.requested", [&count](const auto&) { ++count; });
    return count;
  }
  template <class Use>
  void each_event(std::string_view type, const Use& use) {
    eventstore::Filter filter;
    filter.types = {std::string(type)};
    auto reader = world.store->read(filter, {});
    while (const auto* event = (*reader)->next().value()) use(*event);
  }
  void end_run(const std::string& id) {
    schemas::CancelRunT cancel;
    cancel.id = id;
    execute("run", "cancel_run", id, cancel);
  }

  const std::string kWorkflow = id_number(900'000);
  const std::string kTrigger = domain::trigger_id(kHome, kWorkflow, "t");
  World world;
  UuidV7Source ids{world.clock};
  commands::Executor executor{*world.store, world.clock, ids, [](std::move_only_function<void()> work) { work(); }};
  RecordedRuns runs{executor};
  std::stop_source stop;
  std::optional<Triggers> triggers;

 private:
  bool published_ = false;
  std::uint64_t tasks_ = 0;
};

constexpr std::string_view kOnDone = R"({"id":"t","kind":"event","types":["task.completed"]})";
constexpr std::string_view kHourly = R"({"id":"t","kind":"schedule","every":"1h"})";

TEST_F(TriggersTest, EventStartsARunThatSaysWhatItWas) {
  publish(kOnDone);
  look();
  const auto position = complete_task();
  look();
  const auto told = evaluations();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].outcome, EvaluationOutcome::started);
  EXPECT_EQ(told[0].position, position.value);
  EXPECT_EQ(told[0].event_type, "task.completed");
  const auto started = run(told[0].run_id);
  ASSERT_TRUE(started);
  EXPECT_EQ(started->workflow_id, kWorkflow);
  EXPECT_EQ(started->trigger->kind, schemas::RunTriggerKind::event);
  EXPECT_EQ(started->trigger->id, "t");
  EXPECT_EQ(started->trigger->position, position.value);
  EXPECT_EQ(started->depth, 0U);
}

TEST_F(TriggersTest, WhatHappenedBeforeTheVersionStartsNothing) {
  complete_task();
  publish(kOnDone);
  look();
  EXPECT_EQ(runs_requested(), 0U);
}

TEST_F(TriggersTest, WhatHappenedAfterTheVersionAndBeforeItWasSeenStartsRuns) {
  publish(kOnDone);
  complete_task();
  look();
  EXPECT_EQ(runs_requested(), 1U);
}

TEST_F(TriggersTest, ConditionThatDoesNotHoldIsToldOnceWithItsPart) {
  publish(R"({"id":"t","kind":"event","types":["task.created"],)"
          R"("condition":"event.data.title = 'B' and event.actor = 'key:1'"})");
  look();
  for (int count = 0; count < 3; ++count) complete_task("A");
  complete_task("B");
  look();
  const auto told = evaluations();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].outcome, EvaluationOutcome::skipped);
  EXPECT_EQ(told[0].reason, "condition_false");
  EXPECT_EQ(told[0].condition, "event.data.title = 'B'");
  EXPECT_EQ(told[0].count, 3U);
  EXPECT_EQ(told[1].outcome, EvaluationOutcome::started);
}

TEST_F(TriggersTest, HeldEvaluationsAreToldAfterTenSeconds) {
  publish(R"({"id":"t","kind":"event","types":["task.completed"],"condition":"false"})");
  look();
  complete_task();
  look();
  EXPECT_TRUE(evaluations().empty());
  world.clock.advance(seconds(11));
  look();
  EXPECT_EQ(evaluations().size(), 1U);
}

TEST_F(TriggersTest, HeldEvaluationsAreToldBeforeItEnds) {
  publish(R"({"id":"t","kind":"event","types":["task.completed"],"condition":"false"})");
  look();
  complete_task();
  look();
  ASSERT_TRUE(triggers->finish());
  EXPECT_EQ(evaluations().size(), 1U);
}

TEST_F(TriggersTest, NothingIsLookedAtTwiceOrMissedOverARestart) {
  publish(kOnDone);
  look();
  complete_task();
  look();
  complete_task();  // nobody looks
  take_up();
  look();
  EXPECT_EQ(runs_requested(), 2U);
  EXPECT_EQ(evaluations().size(), 2U);
  take_up();
  look();
  EXPECT_EQ(runs_requested(), 2U);
  EXPECT_EQ(evaluations().size(), 2U);
}

TEST_F(TriggersTest, RunThatWasStartedBeforeACrashIsStartedOnce) {
  publish(kOnDone);
  look();
  const auto position = complete_task();
  // As if the server died between the start and its record.
  commands::StartCause cause{
      .key = fmt::format("event {}", position.value), .position = position, .due_at = {}, .causation = {}, .depth = 0};
  ASSERT_TRUE(executor.execute(commands::run_request_of(kHome, state(), cause, "{}")));
  take_up();
  look();
  EXPECT_EQ(runs_requested(), 1U);
  ASSERT_EQ(evaluations().size(), 1U);
  EXPECT_EQ(evaluations()[0].outcome, EvaluationOutcome::started);
}

TEST_F(TriggersTest, InputIsWhatTheDefinitionMakesOfTheEvent) {
  publish(R"({"id":"t","kind":"event","types":["task.created"],"input":{"name":"{% event.data.title %}"}})",
          R"("inputs":{"type":"object","properties":{"name":{"type":"string","maxLength":3}}},)");
  look();
  complete_task("ok");
  complete_task("too long");
  look();
  std::string input;
  each_event("run.requested", [&input](const auto& event) {
    input = flatbuffers::GetRoot<schemas::RunRequested>(event.payload.data())->input()->str();
  });
  EXPECT_EQ(input, R"({"name":"ok"})");
  const auto told = evaluations();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[1].outcome, EvaluationOutcome::failed);
  EXPECT_EQ(told[1].reason, "invalid_input");
}

TEST_F(TriggersTest, PausedOneLooksAtNothingOfThatTime) {
  publish(kOnDone);
  look();
  execute("trigger", "pause_trigger", kTrigger, schemas::PauseTriggerT{});
  complete_task();
  look();
  execute("trigger", "resume_trigger", kTrigger, schemas::ResumeTriggerT{});
  look();
  EXPECT_EQ(runs_requested(), 0U);
  take_up();
  EXPECT_EQ(runs_requested(), 0U);
  complete_task();
  look();
  EXPECT_EQ(runs_requested(), 1U);
}

TEST_F(TriggersTest, TriggerGoesWithTheVersionThatDoesNotHaveIt) {
  publish(kOnDone);
  look();
  publish(R"({"id":"other","kind":"event","types":["task.reopened"]})");
  look();
  EXPECT_EQ(state().status, schemas::TriggerStatus::removed);
  complete_task();
  look();
  EXPECT_EQ(runs_requested(), 0U);
  publish(kOnDone);
  look();
  complete_task();
  look();
  EXPECT_EQ(runs_requested(), 1U);
}

TEST_F(TriggersTest, ArchivedWorkflowStartsNothing) {
  publish(kOnDone);
  look();
  execute("workflow", "archive_workflow", kWorkflow, schemas::ArchiveWorkflowT{});
  look();
  EXPECT_EQ(state().status, schemas::TriggerStatus::removed);
  complete_task();
  execute("workflow", "restore_workflow", kWorkflow, schemas::RestoreWorkflowT{});
  look();
  EXPECT_EQ(state().status, schemas::TriggerStatus::enabled);
  EXPECT_EQ(runs_requested(), 0U);
}

TEST_F(TriggersTest, EffectsOfItsOwnRunsEndAtALimit) {
  publish(R"({"id":"t","kind":"event","types":["run.requested","task.created"]})");
  look();
  complete_task();
  for (std::uint32_t round = 0; round < 2 * commands::kMaxTriggerDepth; ++round) look();
  EXPECT_EQ(runs_requested(), commands::kMaxTriggerDepth + 1U);
  world.clock.advance(seconds(11));
  look();
  EXPECT_EQ(evaluations().back().reason, "too_deep");
}

TEST_F(TriggersTest, WorkflowThatIsBusyIsToldAndAServerThatIsBusyIsAskedAgain) {
  publish(kOnDone);
  look();
  runs.refusal = "concurrency_limit";
  complete_task();
  look();
  world.clock.advance(seconds(11));
  look();
  ASSERT_EQ(evaluations().size(), 1U);
  EXPECT_EQ(evaluations()[0].reason, "concurrency_limit");
  runs.refusal = "busy";
  complete_task();
  EXPECT_FALSE(triggers->look(stop.get_token()));
  runs.refusal.clear();
  take_up();
  look();
  EXPECT_EQ(runs_requested(), 1U);
}

TEST_F(TriggersTest, ScheduleStartsARunWhenItIsDue) {
  publish(kHourly);
  look();
  const Timestamp due{*state().next_due_at};
  world.clock.advance(minutes(59));
  take_up();
  look();
  EXPECT_EQ(runs_requested(), 0U);
  world.clock.advance(minutes(1));
  take_up();
  look();
  ASSERT_EQ(runs_requested(), 1U);
  EXPECT_EQ(state().last_due_at, due.micros);
  EXPECT_EQ(run(state().last_run_id)->trigger->due_at, due.micros);
  look();
  EXPECT_EQ(runs_requested(), 1U);
}

TEST_F(TriggersTest, WhatFellDueWhileNobodyLookedIsToldAndTheLastMadeUpFor) {
  publish(kHourly);
  look();
  world.clock.advance(minutes(5 * 60 + 30));
  take_up();
  look();
  const auto told = evaluations();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].outcome, EvaluationOutcome::missed);
  EXPECT_EQ(told[0].count, 4U);
  EXPECT_EQ(told[1].outcome, EvaluationOutcome::started);
  EXPECT_EQ(told[1].reason, "caught_up");
  EXPECT_EQ(state().missed, 4U);
}

TEST_F(TriggersTest, OneThatGoesOnIsNotOverlapped) {
  publish(kHourly);
  look();
  world.clock.advance(hours(1));
  take_up();
  look();
  world.clock.advance(hours(1));
  take_up();
  look();
  world.clock.advance(seconds(11));
  look();
  EXPECT_EQ(runs_requested(), 1U);
  EXPECT_EQ(evaluations().back().reason, "overlap");
}

TEST_F(TriggersTest, QueuedOneStartsWhenTheRunBeforeHasEnded) {
  publish(R"({"id":"t","kind":"schedule","every":"1h","overlap":"queue"})");
  look();
  world.clock.advance(hours(1));
  take_up();
  look();
  const auto first = state().last_run_id;
  world.clock.advance(hours(1));
  take_up();
  look();
  EXPECT_EQ(runs_requested(), 1U);
  end_run(first);
  look();
  EXPECT_EQ(runs_requested(), 2U);
}

TEST_F(TriggersTest, ClockThatIsPutBackStartsNothingTwice) {
  publish(kHourly);
  look();
  world.clock.advance(hours(1));
  take_up();
  look();
  end_run(state().last_run_id);
  world.clock.advance(-hours(1));
  look();
  world.clock.advance(hours(1));
  look();
  EXPECT_EQ(runs_requested(), 1U);
}

TEST_F(TriggersTest, WorkerLooksByItselfAndStops) {
  publish(kOnDone);
  TriggerWorker worker({.store = *world.store, .executor = executor, .runs = runs, .clock = world.clock});
  ASSERT_TRUE(worker.wait_for(world.store->state().durable, seconds(60)));
  const auto position = complete_task();
  ASSERT_TRUE(worker.wait_for(position, seconds(60)));
  EXPECT_EQ(runs_requested(), 1U);
}

}  // namespace
}  // namespace flowstone::workers
