// An event of the log as conditions and inputs see it.
#pragma once

#include <optional>
#include <string>

#include "eventstore/event.hpp"
#include "jsonata/value.hpp"

namespace flowstone::workers {

// {"event": {type, data, stream, actor, position, time}}; `data` is null where the payload has no contract here.
jsonata::Value value_of(const eventstore::RecordedEvent& event);

// The run that the event is a part of, or that an effect of is; nothing if it was no run.
std::optional<std::string> causing_run(const eventstore::RecordedEvent& event);

}  // namespace flowstone::workers
