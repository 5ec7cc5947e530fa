// What a recorder sends, turned into events: the rules of which fields belong to which kind, and of what may follow
// what.
#pragma once

#include "base/decider.hpp"
#include "schemas/run_generated.h"

namespace flowstone::domain::run {

// The events of those inputs that are new to the run, or a rejection that names the first input at fault, as
// `events[3]`.
Decision<schemas::RunEventUnion> take(const schemas::RunT& state, const schemas::RecordRunEventsT& command);

}  // namespace flowstone::domain::run
