// An event of the log as a CloudEvent 1.0 in structured JSON, as `schemas/event.fbs` describes it.
#pragma once

#include <string>

#include "eventstore/event.hpp"

namespace flowstone::api {

// Appends the JSON object, without a line end. Hidden fields are left out. `data` is null if this server knows no
// contract for the event.
void append_cloud_event(const eventstore::RecordedEvent& event, std::string& out);

}  // namespace flowstone::api
