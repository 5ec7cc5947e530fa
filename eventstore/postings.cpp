#include <algorithm>

#include <rocksdb/iterator.h>

#include "eventstore/encoding.hpp"
#include "eventstore/index.hpp"
#include "eventstore/index_batch.hpp"
#include "eventstore/storage_error.hpp"

namespace flowstone::eventstore {

using Found = Result<std::optional<Postings::Entry>, StoreError>;

Postings::Postings(std::unique_ptr<rocksdb::Iterator> iterator, Bytes list)
    : iterator_(std::move(iterator)), list_(std::move(list)), is_stream_(list_[0] == IndexKey::kStream) {}
Postings::~Postings() = default;
Postings::Postings(Postings&&) noexcept = default;

Bytes Postings::key_at(std::uint64_t position) const {
  Bytes key = list_;
  append_key(key, position);
  return key;
}

Postings::Entry Postings::entry() const {
  return {.position = {chunk_[at_]}, .revision = {is_stream_ ? revision_ + at_ : 0}};
}

// Decodes the chunk that the iterator is on; false if it is on none of this list.
Result<bool, StoreError> Postings::open_chunk() {
  chunk_.clear();
  at_ = 0;
  if (!iterator_->Valid()) {
    if (!iterator_->status().ok()) return failure(storage_error(iterator_->status(), "reading the index"));
    return false;
  }
  const rocksdb::Slice key = iterator_->key();
  if (key.size() != list_.size() + 8 || !key.starts_with(list_)) return false;
  ByteReader reader({iterator_->value().data(), iterator_->value().size()});
  revision_ = is_stream_ ? reader.varint() : 0;
  chunk_.push_back(get_key(key.data() + list_.size()));
  while (reader.ok() && !reader.at_end()) chunk_.push_back(chunk_.back() + reader.varint());
  if (!reader.ok()) return failure(corrupt({chunk_.front()}, "an entry of the index is malformed"));
  return true;
}

Found Postings::seek(Position from, Direction direction) {
  direction_ = direction;
  iterator_->SeekForPrev(key_at(from.value));
  FLOWSTONE_TRY(bool found, open_chunk());
  if (direction == Direction::backward) {
    if (!found) return std::nullopt;
    at_ = static_cast<std::size_t>(std::upper_bound(chunk_.begin(), chunk_.end(), from.value) - chunk_.begin()) - 1;
    return entry();
  }
  if (!found) {
    iterator_->Seek(key_at(from.value));
    FLOWSTONE_TRY(found, open_chunk());
    if (!found) return std::nullopt;
  }
  at_ = static_cast<std::size_t>(std::lower_bound(chunk_.begin(), chunk_.end(), from.value) - chunk_.begin());
  if (at_ < chunk_.size()) return entry();
  return step_chunk();
}

Found Postings::seek(Revision from, Direction direction) {
  direction_ = direction;
  FLOWSTONE_TRY(const bool found, find_chunk_of(from));
  if (!found) return std::nullopt;
  const std::uint64_t offset = std::max(from.value, revision_) - revision_;
  if (offset < chunk_.size()) {
    at_ = offset;
    return entry();
  }
  if (direction == Direction::forward) return std::nullopt;
  at_ = chunk_.size() - 1;
  return entry();
}

// Opens the chunk with `revision`: the first if it is smaller than all, the last if it is larger than all.
Result<bool, StoreError> Postings::find_chunk_of(Revision revision) {
  iterator_->SeekForPrev(key_at(UINT64_MAX));
  FLOWSTONE_TRY(bool found, open_chunk());
  if (!found || revision_ <= revision.value) return found;
  if (revision.value <= 1) {
    iterator_->Seek(key_at(0));
    return open_chunk();
  }
  std::uint64_t low = 1;
  std::uint64_t high = chunk_.front();
  while (low <= high) {
    const std::uint64_t middle = low + (high - low) / 2;
    iterator_->SeekForPrev(key_at(middle));
    FLOWSTONE_TRY(found, open_chunk());
    if (found && revision_ > revision.value) {
      high = chunk_.front() - 1;
    } else if (found && revision.value < revision_ + chunk_.size()) {
      return true;
    } else {
      low = middle + 1;
    }
  }
  return failure(corrupt({}, "the index misses a revision of a stream"));
}

Found Postings::next() {
  if (direction_ == Direction::forward) {
    if (++at_ < chunk_.size()) return entry();
  } else if (at_ > 0) {
    --at_;
    return entry();
  }
  return step_chunk();
}

Found Postings::step_chunk() {
  if (direction_ == Direction::forward) {
    iterator_->Next();
  } else {
    iterator_->Prev();
  }
  FLOWSTONE_TRY(const bool found, open_chunk());
  if (!found) return std::nullopt;
  if (direction_ == Direction::backward) at_ = chunk_.size() - 1;
  return entry();
}

}  // namespace flowstone::eventstore
