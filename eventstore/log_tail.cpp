#include "eventstore/log_tail.hpp"

#include <algorithm>

namespace flowstone::eventstore {
namespace {

// What a block costs in memory, with its leaves and stream hashes.
std::size_t weight(const SharedBlock& block) {
  return block->bytes.size() + block->events * (sizeof(Digest) + sizeof(std::size_t)) + sizeof(CommittedBlock);
}

}  // namespace

LogTail::LogTail(std::size_t recent_bytes, const Start& start)
    : recent_bytes_(recent_bytes),
      durable_(start.head.size.value),
      indexed_(start.indexed.value),
      indexed_block_(start.indexed_block),
      head_(start.head) {}

void LogTail::publish(std::vector<SharedBlock> blocks) {
  const std::lock_guard guard(mutex_);
  for (SharedBlock& block : blocks) {
    bytes_ += weight(block);
    unindexed_bytes_ += weight(block);
    blocks_.push_back(std::move(block));
  }
  head_ = {.size = blocks_.back()->last(), .root = blocks_.back()->root};
  durable_.store(head_.size.value, std::memory_order_release);
  forget_old();
  work_.notify_one();
  if (followers_ > 0) durable_changed_.notify_all();
}

void LogTail::mark_indexed(std::uint64_t block, Position position) {
  const std::lock_guard guard(mutex_);
  const std::uint64_t before = indexed_block();
  for (const SharedBlock& kept : blocks_) {
    if (kept->number > block) break;
    if (kept->number > before) unindexed_bytes_ -= weight(kept);
  }
  indexed_block_.store(block, std::memory_order_release);
  indexed_.store(position.value, std::memory_order_release);
  forget_old();
  progress_.notify_all();
}

void LogTail::forget_old() {
  while (!blocks_.empty() && bytes_ > recent_bytes_ && blocks_.front()->number <= indexed_block()) {
    bytes_ -= weight(blocks_.front());
    blocks_.pop_front();
  }
}

TreeHead LogTail::tree_head() const {
  const std::lock_guard guard(mutex_);
  return head_;
}

SharedBlock LogTail::find(Position position) const {
  const std::lock_guard guard(mutex_);
  // Blocks without events sort before the block that begins at the same position.
  auto after = std::upper_bound(blocks_.begin(), blocks_.end(), position,
                                [](Position wanted, const SharedBlock& block) { return wanted < block->first; });
  if (after == blocks_.begin()) return nullptr;
  const SharedBlock& block = *--after;
  return block->last() >= position ? block : nullptr;
}

std::vector<SharedBlock> LogTail::unindexed() const {
  const std::lock_guard guard(mutex_);
  std::vector<SharedBlock> found;
  for (auto block = blocks_.rbegin(); block != blocks_.rend() && (*block)->number > indexed_block(); ++block) {
    found.push_back(*block);
  }
  std::reverse(found.begin(), found.end());
  return found;
}

std::vector<SharedBlock> LogTail::wait_after(std::uint64_t block, std::size_t bytes_at_most) {
  std::unique_lock lock(mutex_);
  work_.wait(lock, [&] { return closed_ || (!blocks_.empty() && blocks_.back()->number > block); });
  std::vector<SharedBlock> found;
  if (blocks_.empty() || blocks_.back()->number <= block) return found;
  std::size_t bytes = 0;
  const std::uint64_t front = blocks_.front()->number;
  for (std::size_t at = block < front ? 0 : block + 1 - front; at < blocks_.size() && bytes < bytes_at_most; ++at) {
    bytes += weight(blocks_[at]);
    found.push_back(blocks_[at]);
  }
  return found;
}

void LogTail::pause_indexing(std::chrono::milliseconds pause) {
  std::unique_lock lock(mutex_);
  work_.wait_for(lock, pause, [&] { return closed_ || index_waiters_ > 0 || unindexed_bytes_ > recent_bytes_ / 4; });
}

void LogTail::wait_for_room() {
  std::unique_lock lock(mutex_);
  progress_.wait(lock, [&] { return !indexing_ || unindexed_bytes_ <= recent_bytes_; });
}

bool LogTail::wait_indexed(Position position, std::chrono::milliseconds timeout) {
  if (indexed() >= position) return true;
  std::unique_lock lock(mutex_);
  ++index_waiters_;
  work_.notify_one();
  progress_.wait_for(lock, timeout, [&] { return !indexing_ || indexed() >= position; });
  --index_waiters_;
  return indexed() >= position;
}

Position LogTail::wait_beyond(Position position, std::chrono::milliseconds timeout, std::stop_token stop) {
  if (durable() > position) return durable();
  std::unique_lock lock(mutex_);
  ++followers_;
  durable_changed_.wait_for(lock, stop, timeout, [&] { return closed_ || durable() > position; });
  --followers_;
  return durable();
}

void LogTail::stop_indexing() {
  const std::lock_guard guard(mutex_);
  indexing_ = false;
  progress_.notify_all();
}

void LogTail::close() {
  const std::lock_guard guard(mutex_);
  closed_ = true;
  work_.notify_all();
  durable_changed_.notify_all();
}

}  // namespace flowstone::eventstore
