// What asks for a workflow to be run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/decider.hpp"
#include "commands/executor.hpp"
#include "schemas/run_generated.h"
#include "schemas/workflow_generated.h"

namespace flowstone::commands {

// For the version of the workflow, the newest unless one is named; name, input, trigger and the rest are the caller's
// to fill in. Refused where there is no such version, or the workflow is archived.
Result<schemas::RequestRunT, Rejection> run_request_for(const schemas::WorkflowT& workflow,
                                                        std::optional<std::uint32_t> version);

// The command, for WorkflowRuns::start. Of two with the same id the second is refused (`run_exists`).
Command command_of(std::string workspace, std::string run_id, std::string actor, const schemas::RequestRunT& request);

}  // namespace flowstone::commands
