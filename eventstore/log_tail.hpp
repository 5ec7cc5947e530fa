// The recent end of the log in memory, and the marks `durable` and `indexed`. Where sequencer, indexer and followers
// meet.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "eventstore/block.hpp"
#include "eventstore/merkle.hpp"

namespace flowstone::eventstore {

// Threads: every member may be called from any thread; `publish` from one.
// Limits: keeps blocks of `recent_bytes`, and beyond that only those that are not indexed yet.
class LogTail {
 public:
  struct Start {
    std::uint64_t block = 0;  // number of the last block of the log
    Position indexed;
    std::uint64_t indexed_block = 0;
    TreeHead head;  // of the whole log, which is durable
  };
  LogTail(std::size_t recent_bytes, const Start& start);

  // The blocks are durable now.
  void publish(std::vector<SharedBlock> blocks);
  void mark_indexed(std::uint64_t block, Position position);

  [[nodiscard]] Position durable() const { return {durable_.load(std::memory_order_acquire)}; }
  [[nodiscard]] Position indexed() const { return {indexed_.load(std::memory_order_acquire)}; }
  [[nodiscard]] std::uint64_t indexed_block() const { return indexed_block_.load(std::memory_order_acquire); }
  [[nodiscard]] TreeHead tree_head() const;

  // The block that holds `position`, if it is still here.
  [[nodiscard]] SharedBlock find(Position position) const;

  // Those kept here that are not indexed yet, in order.
  [[nodiscard]] std::vector<SharedBlock> unindexed() const;

  // Blocks after number `block`, together about `bytes_at_most`; waits for some, or returns none once closed.
  std::vector<SharedBlock> wait_after(std::uint64_t block, std::size_t bytes_at_most);
  // For the indexer: returns after `pause`, or earlier when the tail is closed, a quarter of it is unindexed, or
  // somebody waits for the index.
  void pause_indexing(std::chrono::milliseconds pause);
  // Waits until the unindexed blocks fit into `recent_bytes` again, or indexing has stopped.
  void wait_for_room();
  // Waits until `position` is indexed; false if that takes longer than `timeout` or indexing has stopped.
  bool wait_indexed(Position position, std::chrono::milliseconds timeout);
  Position wait_beyond(Position position, std::chrono::milliseconds timeout, std::stop_token stop);
  // The indexer gave up: nobody waits for it any more.
  void stop_indexing();
  // No block comes after this: wakes whoever waits.
  void close();

 private:
  void forget_old();

  const std::size_t recent_bytes_;
  std::atomic<std::uint64_t> durable_;
  std::atomic<std::uint64_t> indexed_;
  std::atomic<std::uint64_t> indexed_block_;

  mutable std::mutex mutex_;
  std::condition_variable work_;      // for the indexer
  std::condition_variable progress_;  // of the index
  std::condition_variable_any durable_changed_;
  std::size_t index_waiters_ = 0;   // in wait_indexed
  std::size_t followers_ = 0;       // waiting for durable_changed_
  std::deque<SharedBlock> blocks_;  // dense by number
  std::size_t bytes_ = 0;
  std::size_t unindexed_bytes_ = 0;
  TreeHead head_;
  bool indexing_ = true;
  bool closed_ = false;
};

}  // namespace flowstone::eventstore
