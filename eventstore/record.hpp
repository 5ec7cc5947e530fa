// An event as bytes: canonical header, salt, payload. docs/formats/record.md has the byte table.
#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "eventstore/event.hpp"

namespace flowstone::eventstore {

struct RecordLayout {
  static constexpr std::uint8_t kFormat = 1;
  static constexpr std::size_t kHeaderSize = 2;  // u16 before the header
  static constexpr std::size_t kPosition = 1;    // offsets in the header
  static constexpr std::size_t kRevision = 9;
  static constexpr std::size_t kTime = 17;
  static constexpr std::size_t kSchemaVersion = 25;
  static constexpr std::size_t kPayloadSize = 27;
  static constexpr std::size_t kPayloadDigest = 31;
  static constexpr std::size_t kNames = 63;
  static constexpr std::size_t kSalt = 16;
};

inline Digest payload_digest(BytesView salt, BytesView payload) { return sha256({salt, payload}); }

// Appends the record of `event` (everything but its place in an append, which the block keeps). Names are at most 255
// bytes and the salt is 16; the payload digest is taken as it is given.
void encode_record(Bytes& out, const RecordedEvent& event);

// What only the sequencer knows, written into an encoded record.
void stamp_record(char* record, Position position, Revision revision, Timestamp time);

// The bytes that a complete record's payload digest is of, and the digest's place.
BytesView digested_bytes(BytesView record);
void put_payload_digest(char* record, const Digest& digest);

// The size of a record that is known to be complete.
std::size_t encoded_size(const char* record);

// The position and time of a complete record.
Position record_position(BytesView record);
Timestamp record_time(BytesView record);

// The header of a complete record: the bytes that the leaf of the tree commits to.
BytesView record_header(BytesView record);

// Size of the record that `bytes` begin with; nothing if it is cut short or damaged beyond measuring.
std::optional<std::size_t> record_size(BytesView bytes);

// Reads one whole record. False if it is not exactly that; does not recompute the payload digest.
bool decode_record(BytesView record, RecordedEvent& event);

}  // namespace flowstone::eventstore
