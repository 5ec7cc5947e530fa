#include "eventstore/index_batch.hpp"

#include <algorithm>
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
    if (!append.is_command) continue;
    const auto named = reader_.named(append);
    if (!named) return failure(corrupt(append.first, "the record is malformed"));
    add_command(*named);
  }
  return {};
}

void IndexBatch::add_event(const RecordedEvent& event) {
  add_to(list(IndexKey::kStream, event.workspace, event.stream), event.position.value, event.revision);
  if (event.workspace != workspace_ || event.type != type_ || event.category() != category_) {
    workspace_ = event.workspace;
    type_ = event.type;
    category_ = event.category();
    same_kind_ = {&list(IndexKey::kType, workspace_, type_), &list(IndexKey::kType, {}, type_),
                  &list(IndexKey::kCategory, workspace_, category_), &list(IndexKey::kCategory, {}, category_)};
  }
  for (Chunk* const chunk : same_kind_) add_to(*chunk, event.position.value, {});
}

IndexBatch::Chunk& IndexBatch::list(char kind, std::string_view workspace, std::string_view name) {
  key_.assign(1, kind);
  key_.append(workspace).push_back('\0');
  key_.append(name).push_back('\0');
  return lists_[key_];
}

void IndexBatch::add_to(Chunk& chunk, std::uint64_t position, Revision revision) {
  if (chunk.first != 0) {
    append_varint(chunk.value, position - chunk.last);
  } else {
    chunk.first = position;
    if (revision != Revision{}) append_varint(chunk.value, revision.value);
  }
  chunk.last = position;
}

void IndexBatch::add_command(const AppendEntry& append) {
  Bytes key(1, IndexKey::kCommand);
  append_stream_key(key, append.workspace, append.command_id);
  commands_.emplace_back(std::move(key), encode_answer(append));
}

void IndexBatch::write(rocksdb::WriteBatch& batch) {
  // In the order of the keys the memtable finds its places faster.
  std::vector<const std::pair<const std::string, Chunk>*> sorted;
  sorted.reserve(lists_.size());
  for (const auto& entry : lists_) sorted.push_back(&entry);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* left, const auto* right) { return left->first < right->first; });
  Bytes key;
  for (const auto* entry : sorted) {
    key = entry->first;
    append_key(key, entry->second.first);
    batch.Put(key, entry->second.value).PermitUncheckedError();
  }
  for (const auto& [command, answer] : commands_) batch.Put(command, answer).PermitUncheckedError();
  for (const Bytes& time : times_) batch.Put(time, rocksdb::Slice()).PermitUncheckedError();
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
