// Commands on triggers and automations by chance, from so few values that they meet each other often.
#pragma once

#include "schemas/automation_generated.h"
#include "schemas/trigger_generated.h"
#include "tests/domain/random_values.hpp"

namespace flowstone::domain {

inline schemas::SyncTriggerT any_version_of_a_trigger(Timestamp now) {
  schemas::SyncTriggerT sync;
  sync.workflow_id = "01920000-0000-7000-8000-000000000005";
  sync.workflow_version = any_of<std::uint32_t>({1, 2, 3});
  sync.position = sync.workflow_version;
  sync.name = "t";
  sync.at = now.micros;
  const bool schedule = *rc::gen::inRange(0, 2) == 0;
  sync.kind = schedule ? schemas::TriggerKind::schedule : schemas::TriggerKind::event;
  sync.definition =
      schedule ? R"({"id":"t","kind":"schedule","every":"1s"})" : R"({"id":"t","kind":"event","types":["*"]})";
  return sync;
}

inline schemas::TriggerCommandUnion any_trigger_command(Timestamp now) {
  using namespace schemas;  // NOLINT: the tables' names
  TriggerCommandUnion command;
  switch (*rc::gen::inRange(0, 7)) {
    case 0:
      command.Set(RemoveTriggerT{});
      break;
    case 1: {
      PauseTriggerT pause;
      pause.reason = any_word();
      command.Set(std::move(pause));
      break;
    }
    case 2:
      command.Set(ResumeTriggerT{});
      break;
    case 3: {
      RecordTriggerEvaluationT evaluation;
      evaluation.outcome = any_of<EvaluationOutcome>({EvaluationOutcome::started, EvaluationOutcome::missed});
      evaluation.count = any_of<std::uint64_t>({1, 3});
      if (*rc::gen::inRange(0, 2) == 0)
        evaluation.position = any_of<std::uint64_t>({1, 2, 3});
      else
        evaluation.due_at = now.micros;
      command.Set(std::move(evaluation));
      break;
    }
    case 4:
      command.Set(RotateTriggerWebhookT{});
      break;
    default:
      command.Set(any_version_of_a_trigger(now));
  }
  return command;
}

inline schemas::AutomationCommandUnion any_automation_command(Timestamp) {
  using namespace schemas;  // NOLINT: the tables' names
  const auto actions = [] {
    return any_of<std::string>({R"([{"do":"create_task"}])", R"([{"do":"a"},{"do":"b"}])", "[]"});
  };
  const auto when = [] {
    return any_of<std::string>({R"({"kind":"webhook"})", R"({"kind":"schedule","every":"1s"})", R"({"kind":"x"})"});
  };
  AutomationCommandUnion command;
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      command.Set(EnableAutomationT{});
      break;
    case 1:
      command.Set(DisableAutomationT{});
      break;
    case 2: {
      UpdateAutomationT update;
      update.name = any_word();
      if (*rc::gen::inRange(0, 2) == 0) update.when = when();
      if (*rc::gen::inRange(0, 2) == 0) update.actions = actions();
      if (*rc::gen::inRange(0, 2) == 0) update.cleared = {"condition"};
      command.Set(std::move(update));
      break;
    }
    default: {
      CreateAutomationT create;
      create.name = "Rule";
      create.when = when();
      create.condition = any_of<std::string>({"", "true"});
      create.actions = actions();
      create.enabled = *rc::gen::inRange(0, 2) == 0;
      command.Set(std::move(create));
    }
  }
  return command;
}

}  // namespace flowstone::domain
