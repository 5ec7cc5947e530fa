#include "eventstore/import.hpp"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "eventstore/block.hpp"
#include "eventstore/record.hpp"

namespace flowstone::eventstore {
namespace {

constexpr std::int64_t kYear10000 = 253'402'300'800'000'000;  // its first microsecond: no text has it

StoreError mismatch(Position position, std::string detail) {
  return {.code = StoreError::Code::mismatch, .position = position, .detail = std::move(detail)};
}

// What every event of one append has in common with the first.
bool same_append(const RecordedEvent& first, const RecordedEvent& event) {
  return event.append_first == first.append_first && event.append_last == first.append_last &&
         event.time == first.time && event.workspace == first.workspace && event.command_id == first.command_id &&
         event.actor == first.actor && event.causation == first.causation && event.correlation == first.correlation &&
         event.request_id == first.request_id && event.traceparent == first.traceparent &&
         event.fingerprint == first.fingerprint;
}

Result<void, StoreError> check_event(const RecordedEvent& event) {
  const auto name_is_good = [](std::string_view name, bool required) {
    return name.size() <= Limits::kNameBytes && (!required || !name.empty()) &&
           std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c <= '~'; });
  };
  if (!name_is_good(event.workspace, true) || !name_is_good(event.stream, true) || !name_is_good(event.type, true) ||
      !name_is_good(event.actor, false) || !name_is_good(event.command_id, false) ||
      !name_is_good(event.causation, false) || !name_is_good(event.correlation, false) ||
      !name_is_good(event.request_id, false) || !name_is_good(event.traceparent, false)) {
    return failure(mismatch(event.position, "a name is empty, too long, or not printable ASCII without space"));
  }
  if (event.payload.size() > Limits::kPayloadBytes)
    return failure(mismatch(event.position, "the payload is too large"));
  if (event.revision == Revision{}) return failure(mismatch(event.position, "the revision is 0"));
  if (event.time.micros < 0) return failure(mismatch(event.position, "the time is before 1970"));
  if (event.time.micros >= kYear10000) return failure(mismatch(event.position, "the time is after the year 9999"));
  if (event.salt.size() != RecordLayout::kSalt) return failure(mismatch(event.position, "the salt is not 16 bytes"));
  if (payload_digest(event.salt, event.payload) != event.payload_digest) {
    return failure(mismatch(event.position, "the payload does not match its digest"));
  }
  return {};
}

// The append's writes, from the first event to the last. A write that had no events has no stream here: it stays empty.
Result<void, StoreError> add_writes(Submission& submission, std::span<const RecordedEvent> events) {
  for (const RecordedEvent& event : events) {
    if (event.write >= Limits::kEventsPerAppend || event.write + 1 < submission.writes.size()) {
      return failure(mismatch(event.position, "the writes of the append are out of order"));
    }
    if (event.write >= submission.writes.size()) {
      submission.writes.resize(event.write + 1);
      Submission::Write& write = submission.writes.back();
      append_stream_key(write.stream_key, event.workspace, event.stream);
      write.stream_hash = std::hash<std::string_view>{}(write.stream_key);
      write.expected =
          event.revision == Revision{1} ? ExpectedRevision(NoStream{}) : Revision{event.revision.value - 1};
    }
    Submission::Write& write = submission.writes.back();
    Bytes key;
    append_stream_key(key, event.workspace, event.stream);
    const std::uint64_t first =
        std::holds_alternative<NoStream>(write.expected) ? 1 : std::get<Revision>(write.expected).value + 1;
    if (key != write.stream_key || event.revision.value != first + write.events) {
      return failure(mismatch(event.position, "the revisions of a write are not dense in one stream"));
    }
    ++write.events;
  }
  return {};
}

Result<Submission, StoreError> prepare_append(std::span<const RecordedEvent> events) {
  const RecordedEvent& first = events.front();
  Submission submission;
  submission.positioned = true;
  submission.workspace = first.workspace;
  submission.command_id = first.command_id;
  submission.fingerprint = first.fingerprint;
  submission.events = static_cast<std::uint32_t>(events.size());
  for (std::size_t at = 0; at < events.size(); ++at) {
    const RecordedEvent& event = events[at];
    if (event.position.value != first.position.value + at)
      return failure(mismatch(event.position, "positions are not dense"));
    if (!same_append(first, event))
      return failure(mismatch(event.position, "the events of one append differ in what they share"));
    FLOWSTONE_TRY_VOID(check_event(event));
    submission.payload_bytes += event.payload.size();
    encode_record(submission.records, event);
  }
  FLOWSTONE_TRY_VOID(add_writes(submission, events));
  return submission;
}

}  // namespace

Result<std::vector<Submission>, StoreError> prepare_import(std::span<const RecordedEvent> events) {
  std::vector<Submission> submissions;
  while (!events.empty()) {
    const RecordedEvent& first = events.front();
    if (first.append_first != first.position || first.append_last < first.position) {
      return failure(mismatch(first.position, "an append does not begin here"));
    }
    const std::uint64_t count = first.append_last.value - first.position.value + 1;
    if (count > Limits::kEventsPerAppend) return failure(mismatch(first.position, "an append has too many events"));
    if (count > events.size()) return failure(mismatch(first.position, "the last append is cut short"));
    FLOWSTONE_TRY(submissions.emplace_back(), prepare_append(events.first(count)));
    events = events.subspan(count);
  }
  return submissions;
}

}  // namespace flowstone::eventstore
