#include "domain/trigger.hpp"

#include <gtest/gtest.h>

#include "base/identifier.hpp"
#include "tests/domain/story.hpp"

namespace flowstone::domain {
namespace {

using namespace schemas;  // NOLINT: the tables' names are the language of these tests

using TriggerStory = Story<Trigger>;

constexpr const char* kHourly = R"({"id":"t","kind":"schedule","cron":"0 * * * *"})";
constexpr const char* kDaily = R"({"id":"t","kind":"schedule","cron":"0 0 * * *"})";
constexpr const char* kOnTask = R"({"id":"t","kind":"event","types":["task.*"]})";
constexpr std::int64_t kHour = 3'600'000'000;

SyncTriggerT version(std::uint32_t number, const char* definition, schemas::TriggerKind kind,
                     std::uint64_t position = 10) {
  SyncTriggerT sync;
  sync.workflow_id = std::string(kId);
  sync.workflow_version = number;
  sync.workflow_revision = number + 1;
  sync.workflow_name = "Intake";
  sync.name = "t";
  sync.kind = kind;
  sync.definition = definition;
  sync.position = position;
  sync.at = kNow.micros;
  return sync;
}

SyncTriggerT hourly(std::uint32_t number = 1) { return version(number, kHourly, schemas::TriggerKind::schedule); }

RecordTriggerEvaluationT due(std::int64_t at) {
  RecordTriggerEvaluationT evaluation;
  evaluation.outcome = EvaluationOutcome::started;
  evaluation.due_at = at;
  evaluation.run_id = "01920000-0000-7000-8000-000000000002";
  return evaluation;
}

TEST(Trigger, ScheduleKnowsWhenItIsDueNext) {
  TriggerStory story;
  const auto made = story.when(hourly());
  EXPECT_EQ(made.recorded, Types{"trigger.created"});
  EXPECT_EQ(made.state.status, TriggerStatus::enabled);
  EXPECT_EQ(made.state.due_after, kNow.micros);
  ASSERT_TRUE(made.state.next_due_at);
  EXPECT_GT(*made.state.next_due_at, kNow.micros);
  EXPECT_LE(*made.state.next_due_at, kNow.micros + kHour);
}

TEST(Trigger, SameVersionAgainChangesNothing) {
  TriggerStory story;
  story.when(hourly());
  EXPECT_EQ(story.when(hourly()).recorded, Types{});
}

TEST(Trigger, VersionWithTheSameTimesGoesOnCounting) {
  TriggerStory story;
  story.when(hourly());
  auto later = hourly(2);
  later.at += 10 * kHour;
  const auto changed = story.when(later);
  EXPECT_EQ(changed.recorded, Types{"trigger.changed"});
  EXPECT_EQ(changed.state.workflow_version, 2U);
  EXPECT_EQ(changed.state.due_after, kNow.micros);
}

TEST(Trigger, WebhookIsRotatedAndNothingElseIs) {
  TriggerStory story;
  story.when(version(1, R"({"id":"t","kind":"webhook"})", schemas::TriggerKind::webhook));
  RotateTriggerWebhookT rotate;
  rotate.reason = "leaked";
  EXPECT_EQ(story.when(rotate).state.webhook_generation, 1U);
  const auto again = story.when(rotate);
  EXPECT_EQ(again.recorded, Types{"trigger.webhook_rotated"});
  EXPECT_EQ(again.state.webhook_generation, 2U);
  TriggerStory scheduled;
  scheduled.when(hourly());
  EXPECT_EQ(scheduled.when(rotate).refused, "not_a_webhook");
}

TEST(Trigger, VersionWithOtherTimesCountsAnew) {
  TriggerStory story;
  story.when(hourly());
  auto later = version(2, kDaily, schemas::TriggerKind::schedule);
  later.at += 10 * kHour;
  EXPECT_EQ(story.when(later).state.due_after, kNow.micros + 10 * kHour);
}

TEST(Trigger, OlderVersionThatComesLateChangesNothing) {
  TriggerStory story;
  story.when(version(2, kOnTask, schemas::TriggerKind::event, 20));
  EXPECT_EQ(story.when(version(1, kOnTask, schemas::TriggerKind::event, 10)).recorded, Types{});
}

TEST(Trigger, RemovedOneComesBackWithAVersionThatHasIt) {
  TriggerStory story;
  story.when(version(1, kOnTask, schemas::TriggerKind::event, 10));
  EXPECT_EQ(story.when(RemoveTriggerT{}).state.status, TriggerStatus::removed);
  EXPECT_EQ(story.when(RemoveTriggerT{}).recorded, Types{});
  EXPECT_EQ(story.when(PauseTriggerT{}).refused, "trigger_removed");
  EXPECT_EQ(story.when(ResumeTriggerT{}).refused, "trigger_removed");
  const auto back = story.when(version(3, kOnTask, schemas::TriggerKind::event, 30));
  EXPECT_EQ(back.state.status, TriggerStatus::enabled);
  EXPECT_EQ(back.state.from_position, 30U);
}

TEST(Trigger, PausedScheduleCountsFromItsResumption) {
  TriggerStory story;
  story.when(hourly());
  PauseTriggerT pause;
  pause.reason = "The supplier is down.";
  const auto paused = story.when(pause);
  EXPECT_EQ(paused.state.status, TriggerStatus::paused);
  EXPECT_EQ(paused.state.paused_reason, "The supplier is down.");
  EXPECT_FALSE(paused.state.next_due_at);
  EXPECT_EQ(story.when(PauseTriggerT{}).recorded, Types{});
  const Timestamp later{kNow.micros + 100 * kHour};
  const auto resumed = story.at(later).when(ResumeTriggerT{});
  EXPECT_EQ(resumed.state.due_after, later.micros);
  EXPECT_GT(*resumed.state.next_due_at, later.micros);
  EXPECT_EQ(story.when(ResumeTriggerT{}).recorded, Types{});
}

TEST(Trigger, VersionOfAPausedOneStaysPaused) {
  TriggerStory story;
  story.when(hourly());
  story.when(PauseTriggerT{});
  EXPECT_EQ(story.when(hourly(2)).state.status, TriggerStatus::paused);
}

TEST(Trigger, TimeIsEvaluatedOnce) {
  TriggerStory story;
  story.when(hourly());
  const auto first = story.when(due(kNow.micros + kHour));
  EXPECT_EQ(first.recorded, Types{"trigger.evaluated"});
  EXPECT_EQ(first.state.started, 1U);
  EXPECT_EQ(first.state.last_due_at, kNow.micros + kHour);
  EXPECT_EQ(story.when(due(kNow.micros + kHour)).recorded, Types{});
}

TEST(Trigger, PositionIsEvaluatedOnceAndCountsAreKept) {
  TriggerStory story;
  story.when(version(1, kOnTask, schemas::TriggerKind::event));
  RecordTriggerEvaluationT skipped;
  skipped.outcome = EvaluationOutcome::skipped;
  skipped.count = 7;
  skipped.first_position = 11;
  skipped.position = 40;
  const auto recorded = story.when(skipped);
  EXPECT_EQ(recorded.state.skipped, 7U);
  EXPECT_EQ(recorded.state.last_evaluated_position, 40U);
  skipped.position = 39;
  EXPECT_EQ(story.when(skipped).recorded, Types{});
}

TEST(Trigger, NothingHappensToOneThatIsNot) {
  TriggerStory story;
  EXPECT_EQ(story.when(PauseTriggerT{}).refused, "trigger_not_found");
  EXPECT_EQ(story.when(due(1)).refused, "trigger_not_found");
}

TEST(Trigger, IdsAreMadeOfWhatTheyName) {
  const auto id = trigger_id("w", "f", "t");
  EXPECT_TRUE(is_uuid(id));
  EXPECT_EQ(id[14], '8');
  EXPECT_EQ(id, trigger_id("w", "f", "t"));
  EXPECT_NE(id, trigger_id("w", "f", "u"));
  EXPECT_NE(triggered_run_id(id, "event 1"), triggered_run_id(id, "event 2"));
}

}  // namespace
}  // namespace flowstone::domain
