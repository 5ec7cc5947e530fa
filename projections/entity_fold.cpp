#include "projections/entity_fold.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "projections/index_loader.hpp"
#include "projections/keys.hpp"

namespace flowstone::projections {
namespace {

constexpr std::size_t kCachedBytes = 8 << 20;       // of entities in memory, while live
constexpr std::size_t kBulkCachedBytes = 64 << 20;  // ... and while a build is far behind
constexpr std::size_t kSlotBytes = 512;             // an entity, its slot and its map entry, besides the row
constexpr std::size_t kUnknownRowBytes = 512;       // of a row that has not been packed yet

std::string_view id_of(std::string_view stream) {
  const std::size_t dash = stream.find('-');
  return dash == std::string_view::npos ? std::string_view() : stream.substr(dash + 1);
}

}  // namespace

EntityFold::EntityFold(Views& views, BuildId build, const domain::AggregateType& aggregate, bool bulk)
    : ViewsFold(views, build), aggregate_(aggregate), indexes_(*aggregate.contract().state), bulk_(bulk) {}

Result<EntityFold::Slot*, std::string> EntityFold::find_or_load(const eventstore::RecordedEvent& event,
                                                                std::string_view id) {
  name_.assign(event.workspace).push_back('\0');
  name_.append(event.stream);
  if (const auto found = by_name_.find(name_); found != by_name_.end()) {
    slots_.splice(slots_.begin(), slots_, found->second);
    return &slots_.front();
  }
  Slot slot;
  slot.name = name_;
  slot.workspace_size = event.workspace.size();
  if (event.revision == Revision{1}) {
    slot.entity = aggregate_.start();
  } else {
    FLOWSTONE_TRY(std::optional<Bytes> row, views().get(row_key(build(), event.workspace, id)));
    if (!row)
      return failure(fmt::format("{} has revision {}, but there is no row of it", event.stream, event.revision.value));
    slot.entity = aggregate_.load(*row);
    if (!bulk_) slot.row = *std::move(row);
  }
  slots_.push_front(std::move(slot));
  by_name_.emplace(slots_.front().name, slots_.begin());
  count(slots_.front(), std::max(slots_.front().row.size(), kUnknownRowBytes));
  return &slots_.front();
}

Result<void, std::string> EntityFold::take(const eventstore::RecordedEvent& event) {
  const std::string_view id = id_of(event.stream);
  FLOWSTONE_TRY(Slot* const slot, find_or_load(event, id));
  if (event.revision != slot->entity->revision().next()) {
    return failure(fmt::format("{} is at revision {}; revision {} cannot follow it", event.stream,
                               slot->entity->revision().value, event.revision.value));
  }
  const EventMeta meta{.time = event.time, .actor = event.actor, .revision = event.revision, .id = id};
  FLOWSTONE_TRY_VOID(slot->entity->evolve(event.type, event.schema_version, event.payload, meta));
  if (!slot->changed) {
    slot->changed = true;
    changed_.push_back(slot);
    pending_bytes_ += slot->bytes;
  }
  return {};
}

Result<void, std::string> EntityFold::write(rocksdb::WriteBatch& batch, Checkpoint& checkpoint) {
  for (Slot* slot : changed_) write_row(batch, checkpoint, *slot);
  changed_.clear();
  pending_bytes_ = 0;
  forget_oldest();
  return {};
}

void EntityFold::write_row(rocksdb::WriteBatch& batch, Checkpoint& checkpoint, Slot& slot) {
  slot.changed = false;
  Bytes row = slot.entity->pack();
  const std::string_view id = id_of(slot.stream());
  const Bytes row_name = row_key(build(), slot.workspace(), id);
  batch.Put(row_name, row);
  count(slot, row.size());
  if (bulk_) return;
  const Bytes key = digest_key(encoded_workspace_of_row(row_name), encoded_id_of_row(row_name));
  if (slot.row.empty()) {
    ++checkpoint.rows;
  } else {
    checkpoint.digest.subtract(key, slot.row);
  }
  checkpoint.digest.add(key, row);
  write_indexes(batch, slot, row, id);
  slot.row = std::move(row);
}

void EntityFold::write_indexes(rocksdb::WriteBatch& batch, const Slot& slot, BytesView row, std::string_view id) {
  using Entries = std::vector<RowIndexes::Entry>;
  const Entries before = slot.row.empty() ? Entries() : indexes_.entries(slot.row);
  const Entries after = indexes_.entries(row);
  Entries gone;
  Entries fresh;
  std::ranges::set_difference(before, after, std::back_inserter(gone));
  std::ranges::set_difference(after, before, std::back_inserter(fresh));
  Bytes encoded_id;
  append_id(encoded_id, id);
  const Bytes value = index_value(encoded_id);
  for (const auto& entry : gone) batch.Delete(index_key(build(), entry, slot.workspace(), encoded_id));
  for (const auto& entry : fresh) batch.Put(index_key(build(), entry, slot.workspace(), encoded_id), value);
}

void EntityFold::count(Slot& slot, std::size_t row_bytes) {
  const std::size_t bytes = kSlotBytes + slot.name.size() + 2 * row_bytes;
  cached_bytes_ += bytes - slot.bytes;
  slot.bytes = bytes;
}

void EntityFold::forget_oldest() {
  const std::size_t limit = bulk_ ? kBulkCachedBytes : kCachedBytes;
  while (cached_bytes_ > limit && !slots_.empty()) {
    cached_bytes_ -= slots_.back().bytes;
    by_name_.erase(slots_.back().name);
    slots_.pop_back();
  }
}

Result<void, std::string> EntityFold::complete(Checkpoint& checkpoint) {
  changed_.clear();
  by_name_.clear();
  slots_.clear();
  cached_bytes_ = 0;
  bulk_ = false;
  IndexLoader loader(views(), build(), indexes_);
  const Snapshot now = views().snapshot();
  const auto rows = now.scan(section_key(build(), Section::rows), section_key(build(), Section::indexes));
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    const BytesView key = rows->key().ToStringView();
    const BytesView row = rows->value().ToStringView();
    ++checkpoint.rows;
    FLOWSTONE_TRY_VOID(loader.add(key, row));
  }
  if (!rows->status().ok()) return failure("views: " + rows->status().ToString());
  FLOWSTONE_TRY_VOID(loader.finish());
  checkpoint.digest = loader.digest();
  return {};
}

}  // namespace flowstone::projections
