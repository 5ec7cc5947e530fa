// An event of the log as conditions and inputs see it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "eventstore/event.hpp"
#include "jsonata/value.hpp"

namespace flowstone::commands {

// {"event": {type, data, stream, actor, position, time}}; `data` is null where the payload has no contract here.
jsonata::Value value_of(const eventstore::RecordedEvent& event);

// {trigger, due_at}, of a schedule.
jsonata::Value value_of_time(std::string_view trigger, Timestamp due);

// The run that the event is a part of, or that an effect of is; nothing if it was no run.
std::optional<std::string> causing_run(const eventstore::RecordedEvent& event);

}  // namespace flowstone::commands
