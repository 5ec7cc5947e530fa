#include "eventstore/block_cursor.hpp"

#include <fmt/format.h>

#include "eventstore/storage_error.hpp"

namespace flowstone::eventstore {
namespace {

// Whether the header of a block, not checked yet, claims the position. Saves a seek for the common case.
bool claims(BytesView block, Position position) {
  const auto extent = block_extent(block);
  return extent && extent->first <= position && position.value < extent->first.value + extent->events;
}

}  // namespace

Result<BlockReader*, StoreError> BlockCursor::at(Position position) {
  if (!block_.holds(position)) FLOWSTONE_TRY_VOID(load(position));
  return &block_;
}

bool BlockCursor::may_be_of(Position position, std::size_t stream_hash) {
  if (shared_ == nullptr || position < shared_->first || position > shared_->last()) {
    if (block_.holds(position)) return true;
    SharedBlock found = tail_.find(position);
    if (found == nullptr) return true;
    block_ = BlockReader();  // it may have read the block that goes now
    cursor_is_here_ = false;
    shared_ = std::move(found);
  }
  return shared_->streams[position.value - shared_->first.value] == stream_hash;
}

Result<void, StoreError> BlockCursor::load(Position position) {
  const bool is_here = shared_ != nullptr && shared_->first <= position && position <= shared_->last();
  if (!is_here) shared_ = tail_.find(position);
  BytesView bytes;
  if (shared_ != nullptr) {
    cursor_is_here_ = false;
    bytes = shared_->bytes;
  } else {
    auto moved = move_journal(position);
    cursor_is_here_ = moved && *moved;
    if (!moved) {
      moved.error().position = position;  // the journal only knows where it came from
      return failure(std::move(moved).error());
    }
    if (!cursor_is_here_) return failure(corrupt(position, "the log has no block with this position"));
    bytes = cursor_->bytes();
  }
  const auto trust = shared_ != nullptr ? BlockReader::Trust::as_is : BlockReader::Trust::checksum;
  if (const auto opened = block_.open(bytes, trust); !opened) return failure(corrupt(position, opened.error()));
  if (!block_.holds(position)) {
    return failure(corrupt(position, fmt::format("the log has no block with this position; block {} ends at {}",
                                                 block_.number(), block_.last().value)));
  }
  return {};
}

Result<bool, StoreError> BlockCursor::move_journal(Position position) {
  if (cursor_ == nullptr) {
    FLOWSTONE_TRY(cursor_, journal_.cursor(access_));
  }
  // A neighbour without events, or damage, falls through to the seek.
  if (cursor_is_here_ && block_.events() > 0 && position == block_.last().next()) {
    FLOWSTONE_TRY(const bool moved, cursor_->next());
    if (moved && claims(cursor_->bytes(), position)) return true;
  } else if (cursor_is_here_ && block_.events() > 0 && position.next() == block_.first()) {
    FLOWSTONE_TRY(const bool moved, cursor_->previous());
    if (moved && claims(cursor_->bytes(), position)) return true;
  }
  return cursor_->seek(position);
}

}  // namespace flowstone::eventstore
