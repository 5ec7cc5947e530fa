#include "eventstore/record.hpp"

#include <array>
#include <cstring>

#include "base/check.hpp"
#include "eventstore/encoding.hpp"

namespace flowstone::eventstore {
namespace {

using Layout = RecordLayout;

constexpr std::array kNamesInOrder = {
    &RecordedEvent::workspace,   &RecordedEvent::stream,     &RecordedEvent::type,
    &RecordedEvent::actor,       &RecordedEvent::command_id, &RecordedEvent::causation,
    &RecordedEvent::correlation, &RecordedEvent::request_id, &RecordedEvent::traceparent,
};

}  // namespace

void encode_record(Bytes& out, const RecordedEvent& event) {
  check(event.salt.size() == Layout::kSalt, "a salt is 16 bytes");
  std::size_t header = Layout::kNames;
  for (const auto name : kNamesInOrder) {
    check((event.*name).size() <= 0xff, "a name is at most 255 bytes");
    header += 1 + (event.*name).size();
  }
  out.reserve(out.size() + Layout::kHeaderSize + header + Layout::kSalt + event.payload.size());
  append_fixed(out, static_cast<std::uint16_t>(header));
  append_fixed(out, Layout::kFormat);
  append_fixed(out, event.position.value);
  append_fixed(out, event.revision.value);
  append_fixed(out, event.time.micros);
  append_fixed(out, event.schema_version);
  append_fixed(out, static_cast<std::uint32_t>(event.payload.size()));
  out.append(view(event.payload_digest));
  for (const auto name : kNamesInOrder) {
    out.push_back(static_cast<char>((event.*name).size()));
    out.append(event.*name);
  }
  out.append(event.salt);
  out.append(event.payload);
}

void stamp_record(char* record, Position position, Revision revision, Timestamp time) {
  char* const header = record + Layout::kHeaderSize;
  put_fixed(header + Layout::kPosition, position.value);
  put_fixed(header + Layout::kRevision, revision.value);
  put_fixed(header + Layout::kTime, time.micros);
}

BytesView digested_bytes(BytesView record) {
  return record.substr(Layout::kHeaderSize + get_fixed<std::uint16_t>(record.data()));
}

void put_payload_digest(char* record, const Digest& digest) {
  std::memcpy(record + Layout::kHeaderSize + Layout::kPayloadDigest, digest.data(), digest.size());
}

std::size_t encoded_size(const char* record) {
  const std::size_t header = get_fixed<std::uint16_t>(record);
  const std::size_t payload = get_fixed<std::uint32_t>(record + Layout::kHeaderSize + Layout::kPayloadSize);
  return Layout::kHeaderSize + header + Layout::kSalt + payload;
}

Position record_position(BytesView record) {
  return {get_fixed<std::uint64_t>(record.data() + Layout::kHeaderSize + Layout::kPosition)};
}

Timestamp record_time(BytesView record) {
  return {get_fixed<std::int64_t>(record.data() + Layout::kHeaderSize + Layout::kTime)};
}

BytesView record_header(BytesView record) {
  return record.substr(Layout::kHeaderSize, get_fixed<std::uint16_t>(record.data()));
}

std::optional<std::size_t> record_size(BytesView bytes) {
  if (bytes.size() < Layout::kHeaderSize + Layout::kNames) return std::nullopt;
  const std::size_t header = get_fixed<std::uint16_t>(bytes.data());
  const std::size_t size = encoded_size(bytes.data());
  if (header < Layout::kNames + kNamesInOrder.size() || size > bytes.size()) return std::nullopt;
  return size;
}

bool decode_record(BytesView record, RecordedEvent& event) {
  const auto size = record_size(record);
  if (!size || *size != record.size()) return false;
  const BytesView header = record_header(record);
  if (static_cast<std::uint8_t>(header[0]) != Layout::kFormat) return false;
  event.position = {get_fixed<std::uint64_t>(header.data() + Layout::kPosition)};
  event.revision = {get_fixed<std::uint64_t>(header.data() + Layout::kRevision)};
  event.time = {get_fixed<std::int64_t>(header.data() + Layout::kTime)};
  event.schema_version = get_fixed<std::uint16_t>(header.data() + Layout::kSchemaVersion);
  std::memcpy(event.payload_digest.data(), header.data() + Layout::kPayloadDigest, sizeof event.payload_digest);
  ByteReader names(header.substr(Layout::kNames));
  for (const auto name : kNamesInOrder) event.*name = names.name();
  const std::size_t body = Layout::kHeaderSize + header.size();
  event.salt = record.substr(body, Layout::kSalt);
  event.payload = record.substr(body + Layout::kSalt);
  return names.ok() && names.at_end();
}

}  // namespace flowstone::eventstore
