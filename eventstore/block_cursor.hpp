// Finds the block of a position: in the log's tail if it is there, in the journal otherwise.
#pragma once

#include <memory>

#include "eventstore/block.hpp"
#include "eventstore/journal.hpp"
#include "eventstore/log_tail.hpp"

namespace flowstone::eventstore {

// Not thread-safe; destroyed before journal and tail.
class BlockCursor {
 public:
  BlockCursor(Journal& journal, const LogTail& tail, Journal::Access access)
      : journal_(journal), tail_(tail), access_(access) {}

  // The block that holds a durable position; `corrupt` if it is damaged or missing.
  // Lifetime: until the next call for a position of another block.
  // Cost: nothing within the block, a step to a neighbour, a seek elsewhere.
  Result<BlockReader*, StoreError> at(Position position);

  // False if the event at `position` is surely not of the stream with this hash: told for blocks in memory without
  // opening them.
  bool may_be_of(Position position, std::size_t stream_hash);

 private:
  Result<void, StoreError> load(Position position);
  Result<bool, StoreError> move_journal(Position position);

  Journal& journal_;
  const LogTail& tail_;
  const Journal::Access access_;
  std::unique_ptr<Journal::Cursor> cursor_;
  bool cursor_is_here_ = false;  // the journal's cursor stands on the current block
  SharedBlock shared_;
  BlockReader block_;
};

}  // namespace flowstone::eventstore
