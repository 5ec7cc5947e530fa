// The events of a run, as they were recorded.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/position.hpp"
#include "base/result.hpp"
#include "eventstore/store.hpp"
#include "schemas/run_generated.h"

namespace flowstone::projections {

// The sentence says what is wrong with the bytes.
Result<schemas::RunEventUnion, std::string> run_event_of(const eventstore::RecordedEvent& event);

// Nothing if the run has no event of that revision. Blocking.
Result<std::optional<schemas::RunEventUnion>, std::string> read_run_event(eventstore::Store& store,
                                                                          std::string_view workspace,
                                                                          std::string_view run_id, Revision revision);

// Calls `use` for each event of the run's stream, in order, until it returns false. Blocking.
using UseRunEvent = std::function<bool(const schemas::RunEventUnion&, const eventstore::RecordedEvent&)>;
Result<void, std::string> each_run_event(eventstore::Store& store, std::string_view workspace, std::string_view run_id,
                                         const UseRunEvent& use);

}  // namespace flowstone::projections
