// Workflows: a draft that its authors change, and the versions that were made of it. The text of a version is in the
// event that published it; the state remembers which event that was.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/decider.hpp"
#include "schemas/workflow_generated.h"
#include "workflows/source.hpp"

namespace flowstone::domain {

struct Workflow {
  static constexpr std::string_view kName = "workflow";
  static constexpr std::size_t kMaxVersions = 1'000;
  static constexpr auto kVerifyCommand = schemas::VerifyWorkflowCommand;
  static constexpr auto kVerifyEvent = schemas::VerifyWorkflowEvent;
  using State = schemas::WorkflowT;
  using Command = schemas::WorkflowCommandUnion;
  using Event = schemas::WorkflowEventUnion;

  static Decision<Event> decide(const State* state, const Command& command, const Context& context);
  static void evolve(State& into, const Event& event, const EventMeta& meta);
  static std::vector<std::string>* removals(Command& command);
};

workflows::Format format_of(schemas::DefinitionFormat format);
// The text of a definition that came as JSON: with the line breaks that people expect. What cannot be read stays as it
// is, and `lint` says why.
std::string indented_definition(const std::string& json);

}  // namespace flowstone::domain
