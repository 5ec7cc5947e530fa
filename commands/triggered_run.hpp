// What a trigger asks for: a run of its workflow, and that it be remembered what became of it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/position.hpp"
#include "base/time.hpp"
#include "commands/executor.hpp"
#include "jsonata/expression.hpp"
#include "schemas/run_generated.h"
#include "schemas/trigger_generated.h"
#include "workflows/input_schema.hpp"
#include "workflows/start_rule.hpp"

namespace flowstone::commands {

// What set a trigger off.
struct StartCause {
  std::string key;  // the same for the same cause: the run's id is made of it
  std::optional<Position> position;
  std::optional<Timestamp> due_at;
  std::string causation;
  std::uint32_t depth = 0;
};

inline constexpr std::uint32_t kMaxTriggerDepth = 8;

// Why a run cannot be given this input.
struct InputRefusal {
  std::string reason;  // "input_failed", "invalid_input"
  std::string detail;
};

// The run's input as JSON: what the rule makes of `over`, or `otherwise` where it says nothing, with the defaults of
// the workflow's `inputs`, which it fits.
Result<std::string, InputRefusal> input_of(const workflows::StartRule& rule, const workflows::InputSchema* inputs,
                                           const jsonata::Value& over, const jsonata::Value& otherwise,
                                           const jsonata::Context& context);

// For WorkflowRuns::start.
Command run_request_of(std::string workspace, const schemas::TriggerT& trigger, const StartCause& cause,
                       std::string input);

// Numbers that are the same whenever they are drawn for the same seed.
std::function<double()> chance_of(std::uint64_t seed);

// What a start came to; nothing if it has to be tried again.
struct StartVerdict {
  schemas::EvaluationOutcome outcome = schemas::EvaluationOutcome::started;
  std::string reason, detail;
};
std::optional<StartVerdict> verdict_of(const CommandResult& result);

// A `record_trigger_evaluation`.
Command evaluation_of(std::string workspace, std::string trigger_id, std::string actor,
                      const schemas::RecordTriggerEvaluationT& evaluation);

}  // namespace flowstone::commands
