#include "eventstore/indexer.hpp"

#include <sys/prctl.h>

namespace flowstone::eventstore {
namespace {

constexpr std::size_t kBatchBytes = 4 << 20;

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
  }
}

}  // namespace flowstone::eventstore
