#include "projections/audit_fold.hpp"

#include "projections/codec.hpp"

namespace flowstone::projections {

void AuditFold::post(PostingKind kind, const eventstore::RecordedEvent& event, std::string_view text) {
  Bytes prefix = posting_prefix(build(), kind, event.workspace, text);
  pending_bytes_ += 8;
  const auto [block, fresh] = blocks_.try_emplace(std::move(prefix));
  if (fresh) pending_bytes_ += 2 * block->first.size();
  block->second.push_back(event.position.value);
}

Result<void, std::string> AuditFold::take(const eventstore::RecordedEvent& event) {
  post(PostingKind::workspace, event, {});
  if (!event.actor.empty()) post(PostingKind::actor, event, event.actor);
  if (!event.correlation.empty()) post(PostingKind::correlation, event, event.correlation);
  Encoder key;
  key.number(event.position.value);
  Encoder row;
  row.text(event.workspace).text(event.actor).text(event.correlation);
  digest_.add(key.view(), row.view());
  ++events_;
  return {};
}

Result<void, std::string> AuditFold::write(rocksdb::WriteBatch& batch, Checkpoint& checkpoint) {
  for (const auto& [prefix, positions] : blocks_) {
    Bytes key = prefix;
    append_big_endian(key, positions.front(), 8);
    batch.Put(key, encode_distances(positions));
  }
  checkpoint.rows += events_;
  checkpoint.digest.merge(digest_);
  blocks_.clear();
  digest_ = {};
  events_ = 0;
  pending_bytes_ = 0;
  return {};
}

}  // namespace flowstone::projections
