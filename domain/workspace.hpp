// A workspace: a place of its own for a person or a team.
#pragma once

#include <string_view>

#include "base/decider.hpp"
#include "schemas/workspace_generated.h"

namespace flowstone::domain {

struct Workspace {
  static constexpr std::string_view kName = "workspace";
  static constexpr auto kVerifyCommand = schemas::VerifyWorkspaceCommand;
  static constexpr auto kVerifyEvent = schemas::VerifyWorkspaceEvent;
  using State = schemas::WorkspaceT;
  using Command = schemas::WorkspaceCommandUnion;
  using Event = schemas::WorkspaceEventUnion;

  static Decision<Event> decide(const State* state, const Command& command, const Context& context);
  static void evolve(State& into, const Event& event, const EventMeta& meta);
};

}  // namespace flowstone::domain
