#include "domain/task.hpp"

#include <gtest/gtest.h>

#include "tests/domain/story.hpp"

namespace flowstone::domain {
namespace {

using namespace schemas;  // NOLINT: the tables' names are the language of these tests
using std::chrono::hours;

TaskCreatedT created() {
  TaskCreatedT event;
  event.title = "Write the report";
  event.labels = {"writing"};
  event.effort_minutes = 90;
  return event;
}

TaskCancelledT cancelled() {
  TaskCancelledT event;
  event.reason = "No longer wanted";
  return event;
}

TaskUpdatedT progressed(std::uint8_t progress) {
  TaskUpdatedT event;
  event.progress = progress;
  event.status = TaskStatus::in_progress;
  return event;
}

UpdateTaskT set_progress(std::uint8_t progress) {
  UpdateTaskT command;
  command.progress = progress;
  return command;
}

UpdateTaskT set_status(TaskStatus status) {
  UpdateTaskT command;
  command.status = status;
  return command;
}

UpdateTaskT clear(std::vector<std::string> names) {
  UpdateTaskT command;
  command.cleared = std::move(names);
  return command;
}

SnoozeTaskT snooze_until(std::optional<Timestamp> until) {
  SnoozeTaskT command;
  if (until) {
    command.until = until->micros;
  } else {
    command.cleared = {"until"};
  }
  return command;
}

using TaskStory = Story<Task>;

TEST(Task, IsCreatedWithEverythingThatWasGiven) {
  CreateTaskT command;
  command.title = "Write the report";
  command.description = "Two pages";
  command.priority = 5;
  command.labels = {"writing", "finance"};
  command.due_at = 17;
  command.scheduled_for = 16;
  command.preferred_time = TimeOfDay::evening;
  command.effort_minutes = 90;
  command.intent_id = "i";
  command.project_id = "p";
  const auto ending = TaskStory().when(command);
  EXPECT_EQ(ending.recorded, Types{"task.created"});
  EXPECT_EQ(ending.state.title, "Write the report");
  EXPECT_EQ(ending.state.description, "Two pages");
  EXPECT_EQ(ending.state.priority, 5);
  EXPECT_EQ(ending.state.labels, (std::vector<std::string>{"writing", "finance"}));
  EXPECT_EQ(ending.state.due_at, 17);
  EXPECT_EQ(ending.state.scheduled_for, 16);
  EXPECT_EQ(ending.state.preferred_time, TimeOfDay::evening);
  EXPECT_EQ(ending.state.effort_minutes, 90u);
  EXPECT_EQ(ending.state.intent_id, "i");
  EXPECT_EQ(ending.state.project_id, "p");
  EXPECT_EQ(ending.state.status, TaskStatus::todo);
  EXPECT_EQ(ending.state.progress, 0);
}

TEST(Task, IsNotCreatedTwice) {
  const auto ending = TaskStory().given(created()).when(CreateTaskT{});
  EXPECT_EQ(ending.refused, "task_exists");
  EXPECT_EQ(ending.kind, Rejection::Kind::conflict);
}

TEST(Task, ThatDoesNotExistTakesNoCommand) {
  EXPECT_EQ(TaskStory().when(UpdateTaskT{}).refused, "task_not_found");
  EXPECT_EQ(TaskStory().when(CompleteTaskT{}).refused, "task_not_found");
  EXPECT_EQ(TaskStory().when(ReopenTaskT{}).refused, "task_not_found");
  EXPECT_EQ(TaskStory().when(CancelTaskT{}).refused, "task_not_found");
  EXPECT_EQ(TaskStory().when(SnoozeTaskT{}).refused, "task_not_found");
  EXPECT_EQ(TaskStory().when(SnoozeTaskT{}).kind, Rejection::Kind::not_found);
}

TEST(Task, UpdateRecordsOnlyWhatChanged) {
  UpdateTaskT command;
  command.title = "Write the report";  // as it was
  command.labels = {"finance"};
  command.effort_minutes = 90;  // as it was
  const auto ending = TaskStory().given(created()).when(command);
  ASSERT_EQ(ending.recorded, Types{"task.updated"});
  const auto& updated = *ending.events[0].AsTaskUpdated();
  EXPECT_EQ(updated.title, "");
  EXPECT_EQ(updated.labels, std::vector<std::string>{"finance"});
  EXPECT_FALSE(updated.effort_minutes.has_value());
  EXPECT_EQ(ending.state.title, "Write the report");
  EXPECT_EQ(ending.state.labels, std::vector<std::string>{"finance"});
}

TEST(Task, UpdatingTwiceChangesNothing) {
  TaskStory story;
  UpdateTaskT command;
  command.title = "Another";
  command.cleared = {"labels"};
  EXPECT_EQ(story.given(created()).when(command).recorded, Types{"task.updated"});
  EXPECT_EQ(story.when(command).recorded, Types{});
}

TEST(Task, ClearingRemovesAValue) {
  const auto ending = TaskStory().given(created()).when(clear({"labels", "effort_minutes", "due_at"}));
  ASSERT_EQ(ending.recorded, Types{"task.updated"});
  EXPECT_EQ(ending.events[0].AsTaskUpdated()->cleared, (std::vector<std::string>{"labels", "effort_minutes"}));
  EXPECT_TRUE(ending.state.labels.empty());
  EXPECT_FALSE(ending.state.effort_minutes.has_value());
  EXPECT_EQ(ending.state.title, "Write the report");
}

TEST(Task, KeepsTheFieldsThatAlwaysHaveAValue) {
  for (const std::string field : {"title", "priority", "status", "progress"}) {
    const auto ending = TaskStory().given(created()).when(clear({field}));
    EXPECT_EQ(ending.kind, Rejection::Kind::invalid) << field;
    EXPECT_EQ(ending.field, field);
  }
}

TEST(Task, FirstProgressPutsATodoTaskInProgress) {
  const auto ending = TaskStory().given(created()).when(set_progress(40));
  EXPECT_EQ(ending.state.progress, 40);
  EXPECT_EQ(ending.state.status, TaskStatus::in_progress);
  EXPECT_EQ(ending.events[0].AsTaskUpdated()->status, TaskStatus::in_progress);
}

TEST(Task, ProgressWithAStatusKeepsThatStatus) {
  auto command = set_progress(40);
  command.status = TaskStatus::todo;
  EXPECT_EQ(TaskStory().given(created()).when(command).state.status, TaskStatus::todo);
}

TEST(Task, ProgressOfAHundredDoesNotCompleteIt) {
  const auto ending = TaskStory().given(created()).when(set_progress(100));
  EXPECT_EQ(ending.state.status, TaskStatus::in_progress);
  EXPECT_FALSE(ending.state.completed_at.has_value());
}

TEST(Task, ProgressMayGoBackToZero) {
  const auto ending = TaskStory().given(created(), progressed(40)).when(set_progress(0));
  EXPECT_EQ(ending.recorded, Types{"task.updated"});
  EXPECT_EQ(ending.state.progress, 0);
  EXPECT_EQ(ending.state.status, TaskStatus::in_progress);
}

TEST(Task, StatusMovesBetweenTodoAndInProgress) {
  TaskStory story;
  story.given(created());
  EXPECT_EQ(story.when(set_status(TaskStatus::in_progress)).state.status, TaskStatus::in_progress);
  EXPECT_EQ(story.when(set_status(TaskStatus::todo)).state.status, TaskStatus::todo);
}

TEST(Task, StatusIsNotCompletedByAnUpdate) {
  EXPECT_EQ(TaskStory().given(created()).when(set_status(TaskStatus::completed)).field, "status");
  EXPECT_EQ(TaskStory().given(created()).when(set_status(TaskStatus::cancelled)).field, "status");
}

TEST(Task, CompletingSetsProgressTimeAndStatus) {
  const auto ending = TaskStory().given(created()).when(CompleteTaskT{});
  EXPECT_EQ(ending.recorded, Types{"task.completed"});
  EXPECT_EQ(ending.state.status, TaskStatus::completed);
  EXPECT_EQ(ending.state.progress, 100);
  EXPECT_EQ(ending.state.completed_at, kNow.micros);
}

TEST(Task, CompletingTwiceChangesNothing) {
  const auto ending = TaskStory().given(created(), TaskCompletedT{}).when(CompleteTaskT{});
  EXPECT_EQ(ending.recorded, Types{});
  EXPECT_EQ(ending.refused, "");
}

TEST(Task, CompletedKeepsItsStatusAndProgressUntilReopened) {
  EXPECT_EQ(TaskStory().given(created(), TaskCompletedT{}).when(set_progress(50)).refused, "task_completed");
  EXPECT_EQ(TaskStory().given(created(), TaskCompletedT{}).when(set_status(TaskStatus::todo)).refused,
            "task_completed");
  EXPECT_EQ(TaskStory().given(created(), TaskCompletedT{}).when(CancelTaskT{}).refused, "task_completed");
  EXPECT_EQ(TaskStory().given(created(), TaskCompletedT{}).when(snooze_until(kNow + hours(1))).refused,
            "task_completed");
}

TEST(Task, CompletedMayStillBePutRight) {
  UpdateTaskT command;
  command.title = "Wrote the report";
  EXPECT_EQ(TaskStory().given(created(), TaskCompletedT{}).when(command).state.title, "Wrote the report");
}

TEST(Task, ReopeningACompletedOneStartsItAgain) {
  const auto ending = TaskStory().given(created(), TaskCompletedT{}).when(ReopenTaskT{});
  EXPECT_EQ(ending.recorded, Types{"task.reopened"});
  EXPECT_EQ(ending.state.status, TaskStatus::todo);
  EXPECT_EQ(ending.state.progress, 0);
  EXPECT_FALSE(ending.state.completed_at.has_value());
}

TEST(Task, ReopeningACancelledOneKeepsItsProgress) {
  const auto ending = TaskStory().given(created(), progressed(40), cancelled()).when(ReopenTaskT{});
  EXPECT_EQ(ending.state.status, TaskStatus::in_progress);
  EXPECT_EQ(ending.state.progress, 40);
  EXPECT_FALSE(ending.state.cancelled_at.has_value());
  EXPECT_EQ(ending.state.cancel_reason, "");
}

TEST(Task, ReopeningAnOpenOneChangesNothing) {
  EXPECT_EQ(TaskStory().given(created()).when(ReopenTaskT{}).recorded, Types{});
  EXPECT_EQ(TaskStory().given(created(), progressed(10)).when(ReopenTaskT{}).recorded, Types{});
}

TEST(Task, CancellingRecordsTheReason) {
  CancelTaskT command;
  command.reason = "No longer wanted";
  const auto ending = TaskStory().given(created()).when(command);
  EXPECT_EQ(ending.recorded, Types{"task.cancelled"});
  EXPECT_EQ(ending.state.status, TaskStatus::cancelled);
  EXPECT_EQ(ending.state.cancel_reason, "No longer wanted");
  EXPECT_EQ(ending.state.cancelled_at, kNow.micros);
}

TEST(Task, CancellingTwiceChangesNothing) {
  EXPECT_EQ(TaskStory().given(created(), cancelled()).when(CancelTaskT{}).recorded, Types{});
}

TEST(Task, CancelledTakesNothingButReopening) {
  UpdateTaskT command;
  command.title = "Another";
  EXPECT_EQ(TaskStory().given(created(), cancelled()).when(command).refused, "task_cancelled");
  EXPECT_EQ(TaskStory().given(created(), cancelled()).when(CompleteTaskT{}).refused, "task_cancelled");
  EXPECT_EQ(TaskStory().given(created(), cancelled()).when(snooze_until(kNow + hours(1))).refused, "task_cancelled");
  EXPECT_NE(TaskStory().given(created(), cancelled()).when(command).detail.find("reopen it first"), std::string::npos);
}

TEST(Task, IsSnoozedUntilATimeInTheFuture) {
  const auto ending = TaskStory().given(created()).when(snooze_until(kNow + hours(1)));
  EXPECT_EQ(ending.recorded, Types{"task.snoozed"});
  EXPECT_EQ(ending.state.snoozed_until, (kNow + hours(1)).micros);
}

TEST(Task, IsNotSnoozedUntilNowOrThePast) {
  EXPECT_EQ(TaskStory().given(created()).when(snooze_until(kNow)).field, "until");
  EXPECT_EQ(TaskStory().given(created()).when(snooze_until(Timestamp{kNow.micros - 1})).kind, Rejection::Kind::invalid);
}

TEST(Task, SnoozeNeedsATimeOrNull) { EXPECT_EQ(TaskStory().given(created()).when(SnoozeTaskT{}).field, "until"); }

TEST(Task, SnoozingTwiceChangesNothingEvenAfterThatTime) {
  TaskStory story;
  story.given(created()).when(snooze_until(kNow + hours(1)));
  EXPECT_EQ(story.at(kNow + hours(2)).when(snooze_until(kNow + hours(1))).recorded, Types{});
}

TEST(Task, NullWakesASnoozedOne) {
  TaskStory story;
  story.given(created()).when(snooze_until(kNow + hours(1)));
  const auto ending = story.when(snooze_until(std::nullopt));
  EXPECT_EQ(ending.recorded, Types{"task.snoozed"});
  EXPECT_FALSE(ending.state.snoozed_until.has_value());
  EXPECT_EQ(story.when(snooze_until(std::nullopt)).recorded, Types{});
}

TEST(Task, CompletingOrCancellingWakesIt) {
  TaskSnoozedT snoozed;
  snoozed.until = (kNow + hours(1)).micros;
  EXPECT_FALSE(TaskStory().given(created(), snoozed).when(CompleteTaskT{}).state.snoozed_until.has_value());
  EXPECT_FALSE(TaskStory().given(created(), snoozed).when(CancelTaskT{}).state.snoozed_until.has_value());
}

TEST(Task, MayBeScheduledAfterItsDueTime) {
  UpdateTaskT command;
  command.due_at = 10;
  command.scheduled_for = 20;
  EXPECT_EQ(TaskStory().given(created()).when(command).recorded, Types{"task.updated"});
}

}  // namespace
}  // namespace flowstone::domain
