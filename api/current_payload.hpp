// An event's payload under today's contract, whatever version it was written under.
#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "eventstore/event.hpp"
#include "schemas/contract.hpp"

namespace flowstone::api {

struct CurrentPayload {
  const schemas::Table* table = nullptr;
  BytesView stored;               // as it is in the log; lives as long as the event
  std::optional<Bytes> raised{};  // where an upcaster had to make it anew

  [[nodiscard]] BytesView bytes() const { return raised ? BytesView(*raised) : stored; }
};

// Nothing if the type has no contract here, or the bytes are not of it.
std::optional<CurrentPayload> current_payload(const eventstore::RecordedEvent& event);

}  // namespace flowstone::api
