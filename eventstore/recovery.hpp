// Where the log stands after a start: reads its end, brings the index up to it, and checks each block's root on the
// way.
#pragma once

#include "eventstore/index.hpp"
#include "eventstore/journal.hpp"
#include "eventstore/merkle.hpp"

namespace flowstone::eventstore {

struct LogEnd {
  std::uint64_t block = 0;
  CompactRange tree;
  Timestamp time;    // of the last append
  Position indexed;  // writing: everything; reading only: where the index on disk was
  std::uint64_t indexed_block = 0;
  [[nodiscard]] Position position() const { return {tree.size()}; }
};

// Cost: the blocks after the index's checkpoint are read and hashed.
// `corrupt` names the position at which the log does not match itself or the index.
Result<LogEnd, StoreError> recover(Journal& journal, Index& index, OpenMode mode);

// Checks blocks that follow one another: numbers and positions dense, roots as computed. Starts anywhere in the log.
class BlockChain {
 public:
  BlockChain(std::uint64_t block, CompactRange tree) : block_(block), tree_(std::move(tree)) {}
  // The next block; an error leaves the chain where it was or beyond use.
  Result<void, StoreError> follow(const CommittedBlock& block);
  [[nodiscard]] std::uint64_t block() const { return block_; }
  [[nodiscard]] const CompactRange& tree() const { return tree_; }

 private:
  std::uint64_t block_;
  CompactRange tree_;
};

}  // namespace flowstone::eventstore
