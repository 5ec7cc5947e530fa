// What is asked of the log when something is appended, and what it answers.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "base/position.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace flowstone::eventstore {

// The stream must have no event yet.
struct NoStream {
  bool operator==(const NoStream&) const = default;
};
// The stream may be anywhere.
struct AnyRevision {
  bool operator==(const AnyRevision&) const = default;
};
// ... or its last event must have exactly this revision.
using ExpectedRevision = std::variant<AnyRevision, NoStream, Revision>;

struct NewEvent {
  std::string type;
  std::uint16_t schema_version = 1;
  Bytes payload;
};

// Events for one stream. `events` may be empty: then only the expectation is checked.
struct StreamWrite {
  std::string stream;
  ExpectedRevision expected = AnyRevision{};
  std::vector<NewEvent> events;
};

// A part of an append that is remembered as a command by itself.
struct AppendPart {
  std::size_t writes = 0;  // the next so many of the append's writes
  std::string command_id;  // empty: not remembered
  Digest fingerprint{};
  std::string causation;
};

// One atomic append: all events of all writes, in order and contiguous in the log, or none of them.
// Limits: see `Limits`. Names are 1-255 bytes of printable ASCII without space.
struct Append {
  std::string workspace;
  std::vector<StreamWrite> writes;
  std::string command_id;  // empty: not idempotent. Otherwise unique in the workspace for ever
  Digest fingerprint{};    // of the request; a command id used again with another one is refused
  // For several commands in one append: together they hold every write, and `command_id` and `causation` are empty. To
  // who reads their events, and to who sends a command id again, each part is an append by itself. An append with a
  // part whose command id came before, with whatever fingerprint, is refused (command_id_reused; `write` is the part's
  // first).
  std::vector<AppendPart> parts;
  std::string actor;  // this and the rest are said of every event
  std::string causation;
  std::string correlation;
  std::string request_id;
  std::string traceparent;
};

struct Appended {
  Position first;  // of the append's events; first > last if it had none
  Position last;
  std::vector<Revision> revisions;  // of each write's stream after the append, in the order of the writes
  Timestamp time;
  bool repeated = false;  // true: this command id was appended before, and this is that answer
};

enum class AppendErrorCode : std::uint8_t {
  wrong_expected_revision,  // `write` and `actual` say which stream and where it is
  command_id_reused,        // the same command id came before with another fingerprint
  invalid,                  // a name or size is out of bounds; `detail` names it
  queue_full,               // back-pressure: nothing was written; try again later
  stopped,                  // the store is shutting down; nothing was written
  storage_failed,           // the disk failed a write or sync: the log takes no appends until a restart
  outcome_unknown,          // the sync failed after the write: the append may or may not be there
};

struct AppendError {
  AppendErrorCode code = AppendErrorCode::invalid;
  std::size_t write = 0;  // index into Append::writes
  Revision actual;
  std::string detail;
};

using AppendResult = Result<Appended, AppendError>;

struct Limits {
  static constexpr std::size_t kNameBytes = 255;
  static constexpr std::size_t kPayloadBytes = 1 << 20;
  static constexpr std::size_t kEventsPerAppend = 10'000;  // and writes
  static constexpr std::size_t kAppendBytes = 8 << 20;     // of payload
  static constexpr std::size_t kPartsPerAppend = 1'000;
};

}  // namespace flowstone::eventstore
