// What a workflow's run shows of itself, from the events that its machine decided.
#pragma once

#include "base/decider.hpp"
#include "schemas/run_generated.h"

namespace flowstone::domain::run {

// False, and nothing folded, if no machine decides such an event.
bool fold_of_machine(schemas::RunT& run, const schemas::RunEventUnion& event, const EventMeta& meta);

}  // namespace flowstone::domain::run
