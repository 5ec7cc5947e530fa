#include "domain/workspace.hpp"

#include "domain/decision.hpp"

namespace flowstone::domain {

Decision<Workspace::Event> Workspace::decide(const State* state, const Command& command, const Context&) {
  if (state) return conflict("workspace_exists", "A workspace with this id exists already.");
  schemas::WorkspaceCreatedT created;
  created.name = command.AsCreateWorkspace()->name;
  return record<Event>(std::move(created));
}

void Workspace::evolve(State& into, const Event& event, const EventMeta&) {
  into.name = event.AsWorkspaceCreated()->name;
}

}  // namespace flowstone::domain
