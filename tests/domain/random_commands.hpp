// Commands by chance, from so few values that they meet each other often.
#pragma once

#include <string>
#include <vector>

#include "base/time.hpp"
#include "schemas/api_key_generated.h"
#include "schemas/intent_generated.h"
#include "schemas/notification_generated.h"
#include "schemas/run_generated.h"
#include "schemas/task_generated.h"
#include "schemas/workspace_generated.h"
#include "tests/domain/random_values.hpp"

namespace flowstone::domain {

inline schemas::TaskCommandUnion any_task_command(Timestamp now) {
  using namespace schemas;  // NOLINT: the tables' names
  TaskCommandUnion command;
  switch (*rc::gen::inRange(0, 8)) {
    case 0: {
      CreateTaskT create;
      create.title = any_name();
      create.description = any_word();
      create.priority = any_of<std::uint8_t>({1, 3, 5});
      create.labels = any_words();
      create.effort_minutes = maybe<std::uint32_t>({0, 90});
      create.preferred_time = maybe<TimeOfDay>({TimeOfDay::morning, TimeOfDay::evening});
      command.Set(std::move(create));
      break;
    }
    case 1:
      command.Set(CompleteTaskT{});
      break;
    case 2:
      command.Set(ReopenTaskT{});
      break;
    case 3: {
      CancelTaskT cancel;
      cancel.reason = any_word();
      command.Set(std::move(cancel));
      break;
    }
    case 4: {
      SnoozeTaskT snooze;
      if (by_chance()) {
        snooze.until = near(now);
      } else {
        snooze.cleared = some_of({"until", "until"});
      }
      command.Set(std::move(snooze));
      break;
    }
    default: {
      UpdateTaskT update;
      update.title = any_word();
      update.description = any_word();
      update.status = maybe<TaskStatus>({TaskStatus::todo, TaskStatus::in_progress, TaskStatus::completed});
      update.progress = maybe<std::uint8_t>({0, 40, 100});
      update.priority = maybe<std::uint8_t>({1, 3, 5});
      update.labels = any_words();
      update.due_at = maybe<std::int64_t>({0, near(now)});
      update.cleared = some_of({"description", "labels", "due_at", "effort_minutes", "preferred_time", "title"});
      command.Set(std::move(update));
    }
  }
  return command;
}

inline schemas::NotificationCommandUnion any_notification_command(Timestamp) {
  using namespace schemas;  // NOLINT: the tables' names
  NotificationCommandUnion command;
  switch (*rc::gen::inRange(0, 6)) {
    case 0:
      command.Set(MarkNotificationReadT{});
      break;
    case 1:
      command.Set(MarkNotificationUnreadT{});
      break;
    case 2:
      command.Set(DismissNotificationT{});
      break;
    case 3:
      command.Set(RestoreNotificationT{});
      break;
    default: {
      CreateNotificationT create;
      create.title = any_name();
      create.body = any_word();
      create.recipient = any_of<std::string>({"", "everyone", "key:01920000-0000-7000-8000-0000000000aa", "run:1"});
      create.urgency = any_of<Urgency>({Urgency::low, Urgency::normal, Urgency::high});
      create.about = any_of<std::string>({"", "task-01920000-0000-7000-8000-000000000011"});
      command.Set(std::move(create));
    }
  }
  return command;
}

inline schemas::IntentCommandUnion any_intent_command(Timestamp) {
  using namespace schemas;  // NOLINT: the tables' names
  IntentCommandUnion command;
  switch (*rc::gen::inRange(0, 5)) {
    case 0: {
      CreateIntentT create;
      create.code = any_name();
      create.name = any_name();
      create.description = any_word();
      command.Set(std::move(create));
      break;
    }
    case 1:
      command.Set(ArchiveIntentT{});
      break;
    case 2:
      command.Set(RestoreIntentT{});
      break;
    default: {
      UpdateIntentT update;
      update.code = any_word();
      update.name = any_word();
      update.description = any_word();
      update.cleared = some_of({"description", "name"});
      command.Set(std::move(update));
    }
  }
  return command;
}

inline std::unique_ptr<schemas::RunEventInputT> any_run_input(std::uint64_t sequence) {
  auto input = std::make_unique<schemas::RunEventInputT>();
  using Kind = schemas::RunEventKind;
  input->sequence = sequence;
  // Ends are rare, so that histories grow.
  input->kind = any_of<Kind>({Kind::started, Kind::step_started, Kind::step_started, Kind::step_output,
                              Kind::step_output, Kind::step_output, Kind::step_finished, Kind::artifact,
                              Kind::heartbeat, static_cast<Kind>(*rc::gen::inRange(0, 9))});
  const bool of_step =
      input->kind == Kind::step_started || input->kind == Kind::step_output || input->kind == Kind::step_finished;
  if (of_step) input->step = any_of<std::string>({"a", "b"});
  if (input->kind == Kind::step_output) {
    input->text = any_word();
    input->partial = by_chance();
  }
  if (input->kind == Kind::step_finished || input->kind == Kind::failed) input->exit_code = maybe<std::int32_t>({0, 1});
  if (input->kind == Kind::artifact) {
    input->artifact = std::make_unique<schemas::RunArtifactT>();
    input->artifact->name = any_name();
  }
  return input;
}

inline schemas::RunCommandUnion any_run_command(Timestamp) {
  using namespace schemas;  // NOLINT: the tables' names
  RunCommandUnion command;
  switch (*rc::gen::inRange(0, 10)) {
    case 0: {
      CreateRunT create;
      create.name = any_name();
      create.labels = any_words();
      command.Set(std::move(create));
      break;
    }
    case 1: {
      CancelRunT cancel;
      cancel.reason = any_word();
      command.Set(std::move(cancel));
      break;
    }
    case 2: {
      LoseRunT lose;
      lose.seen_revision = *rc::gen::inRange<std::uint64_t>(1, 20);
      command.Set(lose);
      break;
    }
    default: {
      RecordRunEventsT batch;
      const auto first = *rc::gen::inRange<std::uint64_t>(1, 12);
      const auto count = *rc::gen::inRange<std::uint64_t>(1, 4);
      for (std::uint64_t i = 0; i < count; ++i) batch.events.push_back(any_run_input(first + i));
      command.Set(std::move(batch));
    }
  }
  return command;
}

inline schemas::ApiKeyCommandUnion any_api_key_command(Timestamp now) {
  schemas::ApiKeyCommandUnion command;
  if (by_chance()) {
    command.Set(schemas::RevokeApiKeyT{});
    return command;
  }
  schemas::CreateApiKeyT create;
  create.name = any_name();
  create.roles = {schemas::Role::member};
  create.scopes = some_of({"run:write", "task:read", "nothing"});
  create.expires_at = maybe<std::int64_t>({near(now)});
  create.secret_digest = std::string(64, 'a');
  command.Set(std::move(create));
  return command;
}

inline schemas::WorkspaceCommandUnion any_workspace_command(Timestamp) {
  schemas::WorkspaceCommandUnion command;
  schemas::CreateWorkspaceT create;
  create.name = any_name();
  command.Set(std::move(create));
  return command;
}

}  // namespace flowstone::domain
