#include "domain/task.hpp"

#include "domain/decision.hpp"
#include "domain/patch.hpp"

namespace flowstone::domain {

namespace {

using schemas::TaskCommand;
using schemas::TaskEvent;
using schemas::TaskStatus;
using schemas::TaskT;
using Event = Task::Event;

// The fields that a task is created with and that can be patched.
template <class Visit, class... Tables>
void each_described_field(Visit&& visit, Tables&... tables) {
  visit("title", tables.title...);
  visit("description", tables.description...);
  visit("priority", tables.priority...);
  visit("labels", tables.labels...);
  visit("effort_minutes", tables.effort_minutes...);
  visit("due_at", tables.due_at...);
  visit("scheduled_for", tables.scheduled_for...);
  visit("preferred_time", tables.preferred_time...);
  visit("intent_id", tables.intent_id...);
  visit("project_id", tables.project_id...);
}

template <class Visit, class... Tables>
void each_patchable_field(Visit&& visit, Tables&... tables) {
  each_described_field(visit, tables...);
  visit("status", tables.status...);
  visit("progress", tables.progress...);
}

auto refuse_cancelled() { return conflict("task_cancelled", "The task is cancelled; reopen it first."); }
auto refuse_completed() { return conflict("task_completed", "The task is completed; reopen it first."); }

Decision<Event> create(const TaskT* state, const schemas::CreateTaskT& command) {
  if (state) return conflict("task_exists", "A task with this id exists already; leave the id out to get a fresh one.");
  schemas::TaskCreatedT created;
  each_described_field(CopyFields{}, command, created);
  return record<Event>(std::move(created));
}

Decision<Event> update(const TaskT& state, schemas::UpdateTaskT command) {
  if (state.status == TaskStatus::cancelled) return refuse_cancelled();
  if (auto rejection = refuse_removals(command.cleared, {"title", "priority", "status", "progress"})) {
    return failure(*std::move(rejection));
  }
  const bool moves_status = command.status && *command.status != state.status;
  const bool moves_progress = command.progress && *command.progress != state.progress;
  if (state.status == TaskStatus::completed && (moves_status || moves_progress)) return refuse_completed();
  if (command.status == TaskStatus::completed || command.status == TaskStatus::cancelled) {
    if (moves_status)
      return invalid("status", "must be todo or in_progress; complete or cancel the task by the calls for that");
  }
  if (moves_progress && *command.progress > 0 && state.status == TaskStatus::todo && !command.status) {
    command.status = TaskStatus::in_progress;
  }
  schemas::TaskUpdatedT updated;
  RecordChanges changes(command.cleared, updated.cleared);
  each_patchable_field(changes, command, state, updated);
  return changes.changed() ? record<Event>(std::move(updated)) : record<Event>();
}

Decision<Event> complete(const TaskT& state) {
  if (state.status == TaskStatus::cancelled) return refuse_cancelled();
  if (state.status == TaskStatus::completed) return record<Event>();
  return record<Event>(schemas::TaskCompletedT{});
}

Decision<Event> reopen(const TaskT& state) {
  if (state.status != TaskStatus::completed && state.status != TaskStatus::cancelled) return record<Event>();
  return record<Event>(schemas::TaskReopenedT{});
}

Decision<Event> cancel(const TaskT& state, const schemas::CancelTaskT& command) {
  if (state.status == TaskStatus::completed) return refuse_completed();
  if (state.status == TaskStatus::cancelled) return record<Event>();
  schemas::TaskCancelledT cancelled;
  cancelled.reason = command.reason;
  return record<Event>(std::move(cancelled));
}

Decision<Event> snooze(const TaskT& state, const schemas::SnoozeTaskT& command, Timestamp now) {
  if (state.status == TaskStatus::cancelled) return refuse_cancelled();
  if (state.status == TaskStatus::completed) return refuse_completed();
  if (!command.until && !names(command.cleared, "until")) {
    return invalid("until", "must be a time in the future, or null to wake the task");
  }
  if (command.until == state.snoozed_until) return record<Event>();
  if (command.until && *command.until <= now.micros) return invalid("until", "must be in the future");
  schemas::TaskSnoozedT snoozed;
  snoozed.until = command.until;
  return record<Event>(std::move(snoozed));
}

void apply_reopened(TaskT& into) {
  if (into.status == TaskStatus::completed) into.progress = 0;
  into.status = into.progress > 0 ? TaskStatus::in_progress : TaskStatus::todo;
  into.completed_at = flatbuffers::nullopt;
  into.cancelled_at = flatbuffers::nullopt;
  into.cancel_reason.clear();
}

}  // namespace

Decision<Task::Event> Task::decide(const State* state, const Command& command, const Context& context) {
  if (const auto* create_task = command.AsCreateTask()) return create(state, *create_task);
  if (!state) return not_found("task_not_found", "There is no task with this id.");
  switch (command.type) {
    case TaskCommand::UpdateTask:
      return update(*state, *command.AsUpdateTask());
    case TaskCommand::CompleteTask:
      return complete(*state);
    case TaskCommand::ReopenTask:
      return reopen(*state);
    case TaskCommand::CancelTask:
      return cancel(*state, *command.AsCancelTask());
    case TaskCommand::SnoozeTask:
      return snooze(*state, *command.AsSnoozeTask(), context.now);
    case TaskCommand::CreateTask:
    case TaskCommand::NONE:
      break;
  }
  return record<Event>();
}

void Task::evolve(State& into, const Event& event, const EventMeta& meta) {
  switch (event.type) {
    case TaskEvent::TaskCreated:
      each_described_field(CopyFields{}, *event.AsTaskCreated(), into);
      break;
    case TaskEvent::TaskUpdated: {
      const auto& updated = *event.AsTaskUpdated();
      each_patchable_field(ApplyChanges(updated.cleared), updated, into);
      break;
    }
    case TaskEvent::TaskCompleted:
      into.status = TaskStatus::completed;
      into.progress = 100;
      into.completed_at = meta.time.micros;
      into.snoozed_until = flatbuffers::nullopt;
      break;
    case TaskEvent::TaskReopened:
      apply_reopened(into);
      break;
    case TaskEvent::TaskCancelled:
      into.status = TaskStatus::cancelled;
      into.cancelled_at = meta.time.micros;
      into.cancel_reason = event.AsTaskCancelled()->reason;
      into.snoozed_until = flatbuffers::nullopt;
      break;
    case TaskEvent::TaskSnoozed:
      into.snoozed_until = event.AsTaskSnoozed()->until;
      break;
    case TaskEvent::NONE:
      break;
  }
}

std::vector<std::string>* Task::removals(Command& command) {
  if (auto* update_task = command.AsUpdateTask()) return &update_task->cleared;
  if (auto* snooze_task = command.AsSnoozeTask()) return &snooze_task->cleared;
  return nullptr;
}

}  // namespace flowstone::domain
