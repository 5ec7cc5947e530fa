#include "eventstore/indexer.hpp"

#include <sys/prctl.h>

namespace flowstone::eventstore {
namespace {

constexpr std::size_t kBatchBytes = 8 << 20;
// Between batches: events that come together share keys. Reads find the unindexed ones in the tail.
constexpr std::chrono::milliseconds kPause{15};

}  // namespace

Indexer::Indexer(Index& index, LogTail& tail, Acceptance& acceptance)
    : index_(index), tail_(tail), acceptance_(acceptance), thread_([this] { run(); }) {}

void Indexer::run() {
  prctl(PR_SET_NAME, "indexer");
  while (true) {
    const auto blocks = tail_.wait_after(tail_.indexed_block(), kBatchBytes);
    if (blocks.empty()) return;
    if (const auto added = index_.add(blocks); !added) {
      acceptance_.refuse("the index could not be written: " + added.error().detail);
      tail_.stop_indexing();
      return;
    }
    tail_.mark_indexed(blocks.back()->number, blocks.back()->last());
    tail_.pause_indexing(kPause);
  }
}

}  // namespace flowstone::eventstore
