// An automation: a rule that somebody made, and whether it acts. The workflow that carries it out is changed together
// with it by who sends the commands.
#pragma once

#include <string_view>
#include <vector>

#include "base/decider.hpp"
#include "schemas/automation_generated.h"
#include "workflows/automation.hpp"

namespace flowstone::domain {

struct Automation {
  static constexpr std::string_view kName = "automation";
  static constexpr auto kVerifyCommand = schemas::VerifyAutomationCommand;
  static constexpr auto kVerifyEvent = schemas::VerifyAutomationEvent;
  using State = schemas::AutomationT;
  using Command = schemas::AutomationCommandUnion;
  using Event = schemas::AutomationEventUnion;

  static Decision<Event> decide(const State* state, const Command& command, const Context& context);
  static void evolve(State& into, const Event& event, const EventMeta& meta);
  static std::vector<std::string>* removals(Command& command);
};

// What its rule is compiled to.
Result<workflows::Automation, workflows::Misfits> compiled(const schemas::AutomationT& automation);

}  // namespace flowstone::domain
