// What a workflow's machine decides (asl/event.hpp) as events of its run, and back. One of the machine's is one of the
// run's, and its sequence is its number.
#pragma once

#include <string>

#include "asl/event.hpp"
#include "base/decider.hpp"
#include "base/result.hpp"
#include "schemas/run_generated.h"

namespace flowstone::domain {

// The first event of a run that is asked for so.
schemas::RunRequestedT requested_by(const schemas::RequestRunT& command);

// What the command AdvanceRun carries of an event.
schemas::RunTransitionT transition_of(const asl::Event& event);

// Whether the machine decided the event; all others of a workflow's run are said to it from outside.
bool is_of_machine(const schemas::RunEventUnion& event);

// The machine's event; `input` is that of the run, which stands in its first event alone. The sentence says what is
// wrong with one that never was.
// Inverse of `transition_of`, but for the input.
Result<asl::Event, std::string> machine_event_of(const schemas::RunEventUnion& event, const asl::Value& input);

namespace run {

// The events of the transitions, or a rejection where they do not follow the run's last one.
Decision<schemas::RunEventUnion> advance(const schemas::RunT& state, const schemas::AdvanceRunT& command);

}  // namespace run

}  // namespace flowstone::domain
