#include "eventstore/recovery.hpp"

#include <fmt/format.h>

#include "eventstore/record.hpp"
#include "eventstore/storage_error.hpp"

namespace flowstone::eventstore {
namespace {

constexpr std::size_t kIndexBatchBytes = 4 << 20;

Result<BlockExtent, StoreError> extent_of(const Journal::Cursor& cursor) {
  const auto extent = block_extent(cursor.bytes());
  if (!extent) return failure(corrupt({}, "a block of the log is too short"));
  return *extent;
}

// Leaf hashes of (from, to], all in the log.
Result<std::vector<Digest>, StoreError> leaves_between(Journal::Cursor& cursor, Position from, Position to) {
  std::vector<Digest> leaves;
  BlockReader block;
  bool found = true;
  if (from < to) {
    FLOWSTONE_TRY(found, cursor.seek(from.next()));
  }
  for (Position at = from.next(); at <= to; ++at.value) {
    while (found && !block.holds(at)) {
      if (const auto opened = block.open(cursor.bytes()); !opened) return failure(corrupt(at, opened.error()));
      if (block.holds(at)) break;
      if (block.first() > at) return failure(corrupt(at, "the log has no block with this position"));
      FLOWSTONE_TRY(found, cursor.next());
    }
    if (!found) return failure(corrupt(at, "the log has no block with this position"));
    leaves.push_back(leaf_hash(record_header(block.record(at))));
  }
  return leaves;
}

// Puts the cursor on the block with this number, which ends at `position`.
Result<void, StoreError> find_block(Journal::Cursor& cursor, Position position, std::uint64_t number) {
  FLOWSTONE_TRY(bool found, cursor.seek(position.next()));
  while (found) {
    FLOWSTONE_TRY(const BlockExtent extent, extent_of(cursor));
    if (extent.number == number) return {};
    if (extent.number < number) break;
    FLOWSTONE_TRY(found, cursor.previous());
  }
  return failure(
      corrupt(position, fmt::format("the index was made up to block {}, which the log does not have", number)));
}

Timestamp last_time(const BlockReader& block) {
  if (block.appends().empty()) return {};
  const auto last = block.named(block.appends().back());
  return last ? last->time : Timestamp{};
}

// The state at the index's checkpoint, checked against the block that ends there.
Result<LogEnd, StoreError> at_checkpoint(Journal::Cursor& cursor, Index& index) {
  const auto [position, number] = index.opened_at();
  LogEnd end;
  if (number == 0) return end;
  const Position tile_begin{position.value / Tiles::kHashes * Tiles::kHashes};
  FLOWSTONE_TRY(const auto leaves, leaves_between(cursor, tile_begin, position));
  FLOWSTONE_TRY_VOID(index.tiles().restore(position.value, leaves));
  FLOWSTONE_TRY(auto peaks, index.tiles().peaks(position.value));
  end.block = end.indexed_block = number;
  end.tree = CompactRange(position.value, std::move(peaks));
  end.indexed = position;
  FLOWSTONE_TRY_VOID(find_block(cursor, position, number));
  BlockReader block;
  if (const auto opened = block.open(cursor.bytes()); !opened) return failure(corrupt(position, opened.error()));
  if (block.last() != position || block.root() != end.tree.root()) {
    return failure(corrupt(position, "the log's root is not the one that the index was made with"));
  }
  end.time = last_time(block);
  return end;
}

}  // namespace

Result<void, StoreError> BlockChain::follow(const CommittedBlock& block) {
  if (block.number != block_ + 1 || block.first.value != tree_.size() + 1) {
    return failure(corrupt({tree_.size() + 1},
                           fmt::format("block {} from position {} is missing; the log goes on with block {} from {}",
                                       block_ + 1, tree_.size() + 1, block.number, block.first.value)));
  }
  tree_.push(block.leaves);
  if (tree_.root() != block.root) {
    return failure(corrupt(block.first, fmt::format("the records of block {} do not give its root", block.number)));
  }
  block_ = block.number;
  return {};
}

Result<LogEnd, StoreError> recover(Journal& journal, Index& index, OpenMode mode) {
  FLOWSTONE_TRY(const auto cursor, journal.cursor(Journal::Access::scan));
  const auto [indexed, indexed_block] = index.opened_at();
  FLOWSTONE_TRY(bool more, cursor->seek({UINT64_MAX}));
  BlockExtent last;
  if (more) {
    FLOWSTONE_TRY(last, extent_of(*cursor));
  }
  if (last.number < indexed_block) {
    return failure(corrupt({last.first.value + last.events},
                           fmt::format("the log ends with block {}, but the index has seen block {} up to position {}",
                                       last.number, indexed_block, indexed.value)));
  }
  FLOWSTONE_TRY(LogEnd end, at_checkpoint(*cursor, index));
  if (last.number == 0) return end;
  if (indexed_block == 0) {
    FLOWSTONE_TRY_VOID(find_block(*cursor, {0}, 1));
  } else {
    FLOWSTONE_TRY(more, cursor->next());
  }
  BlockChain chain(end.block, end.tree);
  std::vector<SharedBlock> batch;
  std::size_t bytes = 0;
  for (; more && chain.block() < last.number;) {
    auto block = recompute_block(Bytes(cursor->bytes()));
    if (!block) return failure(corrupt({chain.tree().size() + 1}, block.error()));
    FLOWSTONE_TRY_VOID(chain.follow(**block));
    BlockReader reader;
    if (reader.open((*block)->bytes, BlockReader::Trust::as_is)) end.time = last_time(reader);
    bytes += (*block)->bytes.size();
    if (mode == OpenMode::read_only) {
      index.tiles().push((*block)->leaves);
    } else {
      batch.push_back(*std::move(block));
    }
    FLOWSTONE_TRY(more, cursor->next());
    if (!batch.empty() && (bytes >= kIndexBatchBytes || !more)) {
      FLOWSTONE_TRY_VOID(index.add(batch));
      end.indexed = batch.back()->last();
      end.indexed_block = batch.back()->number;
      batch.clear();
      bytes = 0;
    }
  }
  end.block = chain.block();
  end.tree = chain.tree();
  return end;
}

}  // namespace flowstone::eventstore
