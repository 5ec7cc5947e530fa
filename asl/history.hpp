// A run's events as a States Language service tells them: the answer of its GetExecutionHistory.
#pragma once

#include "asl/definition.hpp"
#include "asl/event.hpp"

namespace flowstone::asl {

// A list of events with id, previousEventId, timestamp, type and details. Inputs and outputs are JSON texts, as there.
// What runs of their own do (items of a distributed Map) is not told.
Value history(const Definition& definition, const Events& events);

}  // namespace flowstone::asl
