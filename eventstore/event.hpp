// An event as it is read back from the log.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "base/position.hpp"
#include "base/time.hpp"

namespace flowstone::eventstore {

// Lifetime: the views point into the block that holds the event; they live until the `Reader` that yielded it
// moves on.
struct RecordedEvent {
  Position position;
  Revision revision;
  Timestamp time;                    // when the sequencer gave it its position
  std::string_view workspace;        // id of the workspace; other workspaces never see it
  std::string_view stream;           // "<category>-<id>"
  std::string_view type;             // "<category>.<what_happened>"
  std::uint16_t schema_version = 1;  // of the payload's contract
  std::string_view actor;            // who: "key:<id>", "worker:<name>", "system"
  std::string_view command_id;       // the append it came with; empty if the client gave none
  std::string_view causation;        // id of the command or position of the event that caused it
  std::string_view correlation;      // shared by everything that one request set in motion
  std::string_view request_id;       // X-Request-ID of the request it came in
  std::string_view traceparent;      // W3C Trace Context of that request
  BytesView payload;                 // the event's own bytes (a FlatBuffer)
  BytesView salt;                    // 16 random bytes mixed into `payload_digest`
  Digest payload_digest;             // SHA-256(salt || payload)
  Position append_first;             // the append it came with spans append_first to append_last
  Position append_last;
  std::uint32_t write = 0;  // which of that append's writes it belongs to
  Digest fingerprint{};     // of that append's request; zero without a command id

  // The part of the stream name, and of the type, that names the kind of thing: "task" of "task-0190...".
  [[nodiscard]] std::string_view category() const { return stream.substr(0, stream.find('-')); }
};

}  // namespace flowstone::eventstore
