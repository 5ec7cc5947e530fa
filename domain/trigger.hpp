// A trigger: what a workflow's newest version says of how it starts by itself, and what became of that. Its id is made
// of workspace, workflow and name, so that it stays one thing through all versions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/decider.hpp"
#include "schemas/trigger_generated.h"
#include "workflows/start_rule.hpp"

namespace flowstone::domain {

struct Trigger {
  static constexpr std::string_view kName = "trigger";
  static constexpr auto kVerifyCommand = schemas::VerifyTriggerCommand;
  static constexpr auto kVerifyEvent = schemas::VerifyTriggerEvent;
  using State = schemas::TriggerT;
  using Command = schemas::TriggerCommandUnion;
  using Event = schemas::TriggerEventUnion;

  static Decision<Event> decide(const State* state, const Command& command, const Context& context);
  static void evolve(State& into, const Event& event, const EventMeta& meta);
};

// The id of a workflow's trigger, and those of its runs: the same causes give the same id, so that what is started
// twice starts once.
std::string trigger_id(std::string_view workspace, std::string_view workflow_id, std::string_view name);
std::string triggered_run_id(std::string_view trigger_id, std::string_view cause);

// The trigger's rule, as its state has it. Nothing for a definition that this server cannot read.
std::optional<workflows::StartRule> rule_of(const schemas::TriggerT& trigger);
// When it is due next after `due_after`; nothing if it is no schedule.
std::optional<Timestamp> next_due(const workflows::StartRule& rule, Timestamp anchor, Timestamp after);

}  // namespace flowstone::domain
