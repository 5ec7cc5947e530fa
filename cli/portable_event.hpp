// An event as a line of an export: a CloudEvent with everything that its leaf in the Merkle tree is made of
// (docs/formats/export.md).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "eventstore/event.hpp"

namespace flowstone::cli {

// Appends one line, with its line end.
void append_portable(const eventstore::RecordedEvent& event, std::string& out);

// An event read back; its views point into this object.
struct PortableEvent {
  eventstore::RecordedEvent event;
  std::string workspace, stream, type, actor, command_id, causation, correlation, request_id, traceparent, payload,
      salt;

  PortableEvent() = default;
  PortableEvent(const PortableEvent&) = delete;
  PortableEvent& operator=(const PortableEvent&) = delete;
};
// The error names the member that is missing or malformed.
Result<std::unique_ptr<PortableEvent>, std::string> parse_portable(std::string_view line);

}  // namespace flowstone::cli
