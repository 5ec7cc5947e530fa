// What a reader of events asks for: one URL and one set of parameters for all four transports.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/exchange.hpp"
#include "eventstore/filter.hpp"

namespace flowstone::api {

enum class Transport : std::uint8_t { page, ndjson, sse, websocket };

struct EventQuery {
  eventstore::Filter filter;
  Position from;                  // {0}: the start, or the end when going backward
  std::optional<Position> until;  // by position
  std::optional<Timestamp> until_time;
  std::optional<std::uint64_t> limit;
  eventstore::Direction direction = eventstore::Direction::forward;
  std::optional<bool> follow;
  bool snapshot = false;  // a stream begins with the entity as it is
};

// What the client's headers ask for; nothing if it accepts none of them.
std::optional<Transport> transport_of(const Request& request);
// Nothing, and refused, if a parameter is not what it must be.
std::optional<EventQuery> take_event_query(Exchange& exchange, Transport transport);

}  // namespace flowstone::api
