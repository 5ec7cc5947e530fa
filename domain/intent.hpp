// An intent: a recurring purpose that work serves. Its code is unique in the workspace, which commands/ keeps; it is
// never deleted, only archived, and an archived intent takes no change but restoring.
#pragma once

#include <string_view>
#include <vector>

#include "base/decider.hpp"
#include "schemas/intent_generated.h"

namespace flowstone::domain {

struct Intent {
  static constexpr std::string_view kName = "intent";
  static constexpr auto kVerifyCommand = schemas::VerifyIntentCommand;
  static constexpr auto kVerifyEvent = schemas::VerifyIntentEvent;
  using State = schemas::IntentT;
  using Command = schemas::IntentCommandUnion;
  using Event = schemas::IntentEventUnion;

  static Decision<Event> decide(const State* state, const Command& command, const Context& context);
  static void evolve(State& into, const Event& event, const EventMeta& meta);
  static std::vector<std::string>* removals(Command& command);
};

}  // namespace flowstone::domain
