#include "eventstore/submission.hpp"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "eventstore/block.hpp"
#include "eventstore/record.hpp"

namespace flowstone::eventstore {
namespace {

bool is_printable(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c <= '~'; });
}

AppendError invalid(std::size_t write, std::string detail) {
  return {.code = AppendErrorCode::invalid, .write = write, .actual = {}, .detail = std::move(detail)};
}

Result<void, AppendError> check_name(std::string_view what, std::string_view name, bool required,
                                     std::size_t write = 0) {
  if (required && name.empty()) return failure(invalid(write, fmt::format("{} is empty", what)));
  if (name.size() > Limits::kNameBytes) {
    return failure(
        invalid(write, fmt::format("{} has {} bytes; at most {} are allowed", what, name.size(), Limits::kNameBytes)));
  }
  if (!is_printable(name))
    return failure(invalid(write, fmt::format("{} has bytes other than printable ASCII without space", what)));
  return {};
}

Result<void, AppendError> check_names(const Append& append) {
  FLOWSTONE_TRY_VOID(check_name("workspace", append.workspace, true));
  FLOWSTONE_TRY_VOID(check_name("command_id", append.command_id, false));
  FLOWSTONE_TRY_VOID(check_name("actor", append.actor, false));
  FLOWSTONE_TRY_VOID(check_name("causation", append.causation, false));
  FLOWSTONE_TRY_VOID(check_name("correlation", append.correlation, false));
  FLOWSTONE_TRY_VOID(check_name("request_id", append.request_id, false));
  return check_name("traceparent", append.traceparent, false);
}

Result<void, AppendError> check_sizes(const Append& append) {
  std::size_t events = 0;
  std::size_t bytes = 0;
  for (std::size_t write = 0; write < append.writes.size(); ++write) {
    FLOWSTONE_TRY_VOID(check_name("stream", append.writes[write].stream, true, write));
    for (const NewEvent& event : append.writes[write].events) {
      FLOWSTONE_TRY_VOID(check_name("type", event.type, true, write));
      if (event.payload.size() > Limits::kPayloadBytes) {
        return failure(invalid(write, fmt::format("a payload has {} bytes; at most {} are allowed",
                                                  event.payload.size(), Limits::kPayloadBytes)));
      }
      bytes += event.payload.size();
    }
    events += append.writes[write].events.size();
  }
  if (events > Limits::kEventsPerAppend || append.writes.size() > Limits::kEventsPerAppend) {
    return failure(invalid(0, fmt::format("{} events in {} writes; at most {} are allowed", events,
                                          append.writes.size(), Limits::kEventsPerAppend)));
  }
  if (bytes > Limits::kAppendBytes) {
    return failure(invalid(0, fmt::format("{} bytes of payload; at most {} are allowed", bytes, Limits::kAppendBytes)));
  }
  return {};
}

// Random bytes are drawn in blocks: one call of the generator serves 256 salts of a thread.
BytesView fresh_salt() {
  constexpr std::size_t kBlock = 4096;
  thread_local Bytes block;
  thread_local std::size_t used = kBlock;
  if (used == kBlock) {
    block = random_bytes(kBlock);
    used = 0;
  }
  used += RecordLayout::kSalt;
  return BytesView(block).substr(used - RecordLayout::kSalt, RecordLayout::kSalt);
}

Result<void, AppendError> check_parts(const Append& append) {
  if (append.parts.empty()) return {};
  if (!append.command_id.empty() || !append.causation.empty()) {
    return failure(invalid(0, "command_id and causation are the append's or its parts'"));
  }
  if (append.parts.size() > Limits::kPartsPerAppend) {
    return failure(
        invalid(0, fmt::format("{} parts; at most {} are allowed", append.parts.size(), Limits::kPartsPerAppend)));
  }
  std::size_t writes = 0;
  for (const AppendPart& part : append.parts) {
    FLOWSTONE_TRY_VOID(check_name("command_id", part.command_id, false, writes));
    FLOWSTONE_TRY_VOID(check_name("causation", part.causation, false, writes));
    for (const AppendPart* other = append.parts.data(); other != &part; ++other) {
      if (other->command_id.empty() || other->command_id != part.command_id) continue;
      return failure(invalid(writes, "two parts have the same command_id"));
    }
    if (part.writes > append.writes.size() - writes) return failure(invalid(0, "the parts hold more than every write"));
    writes += part.writes;
  }
  if (writes != append.writes.size()) return failure(invalid(0, "the parts do not hold every write"));
  return {};
}

struct Cause {
  std::string_view command_id;
  std::string_view causation;
};

// What each write came with, write after write.
class Causes {
 public:
  explicit Causes(const Append& append) : append_(append) {}

  Cause next() {
    if (append_.parts.empty()) return {.command_id = append_.command_id, .causation = append_.causation};
    while (left_ == 0) left_ = append_.parts[next_part_++].writes;
    --left_;
    const AppendPart& part = append_.parts[next_part_ - 1];
    return {.command_id = part.command_id, .causation = part.causation};
  }

 private:
  const Append& append_;
  std::size_t next_part_ = 0;
  std::size_t left_ = 0;  // writes of the current part
};

// Payloads of fewer bytes in all are digested by the sequencer, where many small ones meet.
constexpr std::size_t kDigestedByCaller = 4 << 10;

void encode_events(Submission& submission, const Append& append, const StreamWrite& write, const Cause& cause) {
  RecordedEvent event;
  event.workspace = append.workspace;
  event.stream = write.stream;
  event.actor = append.actor;
  event.command_id = cause.command_id;
  event.causation = cause.causation;
  event.correlation = append.correlation;
  event.request_id = append.request_id;
  event.traceparent = append.traceparent;
  for (const NewEvent& fresh : write.events) {
    event.type = fresh.type;
    event.schema_version = fresh.schema_version;
    event.payload = fresh.payload;
    event.salt = fresh_salt();
    if (submission.digested) event.payload_digest = payload_digest(event.salt, event.payload);
    encode_record(submission.records, event);
  }
}

}  // namespace

Result<Submission, AppendError> prepare(const Append& append) {
  FLOWSTONE_TRY_VOID(check_names(append));
  FLOWSTONE_TRY_VOID(check_sizes(append));
  FLOWSTONE_TRY_VOID(check_parts(append));
  Submission submission;
  submission.workspace = append.workspace;
  submission.command_id = append.command_id;
  submission.fingerprint = append.fingerprint;
  submission.parts = append.parts;
  for (const StreamWrite& write : append.writes) {
    for (const NewEvent& event : write.events) submission.payload_bytes += event.payload.size();
  }
  submission.digested = submission.payload_bytes >= kDigestedByCaller;
  Causes causes(append);
  submission.writes.reserve(append.writes.size());
  for (const StreamWrite& write : append.writes) {
    Submission::Write& prepared = submission.writes.emplace_back();
    append_stream_key(prepared.stream_key, append.workspace, write.stream);
    prepared.stream_hash = std::hash<std::string_view>{}(prepared.stream_key);
    prepared.expected = write.expected;
    prepared.events = static_cast<std::uint32_t>(write.events.size());
    submission.events += prepared.events;
    encode_events(submission, append, write, causes.next());
  }
  return submission;
}

}  // namespace flowstone::eventstore
