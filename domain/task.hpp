// A task: something to be done by somebody.
//
//   todo <-> in_progress --complete--> completed --reopen--> todo
//      |          |------cancel------> cancelled --reopen--> todo | in_progress
//
// A cancelled task takes no change but reopening; a completed one keeps its status and progress until it is reopened,
// while its words, labels and dates may still be put right.
#pragma once

#include <string_view>
#include <vector>

#include "base/decider.hpp"
#include "schemas/task_generated.h"

namespace flowstone::domain {

struct Task {
  static constexpr std::string_view kName = "task";
  static constexpr auto kVerifyCommand = schemas::VerifyTaskCommand;
  static constexpr auto kVerifyEvent = schemas::VerifyTaskEvent;
  using State = schemas::TaskT;
  using Command = schemas::TaskCommandUnion;
  using Event = schemas::TaskEventUnion;

  static Decision<Event> decide(const State* state, const Command& command, const Context& context);
  static void evolve(State& into, const Event& event, const EventMeta& meta);
  static std::vector<std::string>* removals(Command& command);
};

}  // namespace flowstone::domain
