// How an event stands on the wire of each streaming transport.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/position.hpp"

namespace flowstone::api {

enum class Framing : std::uint8_t { websocket, ndjson, sse };

// Appends one event, given as its CloudEvent's JSON.
void append_framed(Framing framing, Position position, std::string_view json, std::string& out);

// Appends what the events up to the position come to, given as JSON: no event, and over server-sent events one of the
// type `snapshot`.
void append_framed_snapshot(Framing framing, Position position, std::string_view json, std::string& out);

// Appends the head of an unmasked, final WebSocket frame.
void append_frame_head(std::uint8_t opcode, std::size_t size, std::string& out);

}  // namespace flowstone::api
