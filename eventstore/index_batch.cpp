#include "eventstore/index_batch.hpp"

#include <cstring>

#include "eventstore/encoding.hpp"
#include "eventstore/storage_error.hpp"

namespace flowstone::eventstore {

Result<void, StoreError> IndexBatch::add(const CommittedBlock& block) {
  if (auto opened = reader_.open(block.bytes, BlockReader::Trust::as_is); !opened) {
    return failure(corrupt(block.first, opened.error()));
  }
  RecordedEvent event;
  for (Position at = reader_.first(); reader_.holds(at); ++at.value) {
    if (!reader_.event(at, event)) return failure(corrupt(at, "the record is malformed"));
    add_event(event);
    if (at == reader_.first()) {
      Bytes time(1, IndexKey::kTime);
      append_key(time, static_cast<std::uint64_t>(event.time.micros));
      append_key(time, at.value);
      times_.push_back(std::move(time));
    }
  }
  for (const AppendEntry& append : reader_.appends()) {
    if (!append.command_id.empty()) add_command(append);
  }
  return {};
}

void IndexBatch::add_event(const RecordedEvent& event) {
  add_to_list(IndexKey::kStream, event.workspace, event.stream, event);
  for (const std::string_view workspace : {event.workspace, std::string_view()}) {
    add_to_list(IndexKey::kType, workspace, event.type, event);
    add_to_list(IndexKey::kCategory, workspace, event.category(), event);
  }
}

void IndexBatch::add_to_list(char kind, std::string_view workspace, std::string_view name, const RecordedEvent& event) {
  key_.assign(1, kind);
  key_.append(workspace).push_back('\0');
  key_.append(name).push_back('\0');
  Chunk& chunk = lists_[key_];
  const std::uint64_t position = event.position.value;
  if (chunk.first == 0) {
    chunk.first = chunk.last = position;
    if (kind == IndexKey::kStream) append_varint(chunk.value, event.revision.value);
    return;
  }
  append_varint(chunk.value, position - chunk.last);
  chunk.last = position;
}

void IndexBatch::add_command(const AppendEntry& append) {
  Bytes key(1, IndexKey::kCommand);
  append_stream_key(key, append.workspace, append.command_id);
  commands_.emplace_back(std::move(key), encode_answer(append));
}

void IndexBatch::write(rocksdb::WriteBatch& batch) {
  Bytes key;
  for (const auto& [list, chunk] : lists_) {
    key = list;
    append_key(key, chunk.first);
    batch.Put(key, chunk.value).PermitUncheckedError();
  }
  for (const auto& [command, answer] : commands_) batch.Put(command, answer).PermitUncheckedError();
  for (const Bytes& time : times_) batch.Put(time, rocksdb::Slice()).PermitUncheckedError();
  lists_.clear();
  commands_.clear();
  times_.clear();
}

Bytes encode_answer(const AppendEntry& append) {
  Bytes value(view(append.fingerprint));
  append_fixed(value, append.first.value);
  append_fixed(value, append.last.value);
  append_fixed(value, append.time.micros);
  for (const WriteSpan& write : append.writes) append_varint(value, write.revision.value);
  return value;
}

std::optional<Store::StoredAnswer> decode_answer(BytesView value) {
  ByteReader reader(value);
  Store::StoredAnswer stored;
  const BytesView fingerprint = reader.bytes(sizeof stored.fingerprint);
  if (!reader.ok()) return std::nullopt;
  std::memcpy(stored.fingerprint.data(), fingerprint.data(), fingerprint.size());
  stored.answer.first = {reader.fixed<std::uint64_t>()};
  stored.answer.last = {reader.fixed<std::uint64_t>()};
  stored.answer.time = {reader.fixed<std::int64_t>()};
  stored.answer.repeated = true;
  while (reader.ok() && !reader.at_end()) stored.answer.revisions.push_back({reader.varint()});
  if (!reader.ok()) return std::nullopt;
  return stored;
}

}  // namespace flowstone::eventstore
