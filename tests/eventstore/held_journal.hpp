// A journal in memory whose appends become durable only when the test says so.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include "eventstore/journal.hpp"

namespace flowstone::eventstore {

// Threads: any. Lifetime: release it before the store is closed.
class HeldJournal final : public Journal {
 public:
  explicit HeldJournal(bool held) : held_(held) {}

  Result<void, JournalFailure> append(std::span<const JournalBlock> blocks) override {
    {
      std::unique_lock lock(mutex_);
      waiting_ = true;
      changed_.notify_all();
      changed_.wait(lock, [this] { return !held_; });
      waiting_ = false;
    }
    return memory_->append(blocks);
  }
  Result<std::unique_ptr<Cursor>, StoreError> cursor(Access access) override { return memory_->cursor(access); }

  // Every append from now on waits.
  void hold() { set_held(true); }
  void release() { set_held(false); }
  // Returns when an append waits.
  void wait_for_append() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return held_ && waiting_; });
  }

 private:
  void set_held(bool held) {
    const std::lock_guard guard(mutex_);
    held_ = held;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_;
  bool waiting_ = false;
  const std::shared_ptr<Journal> memory_ = make_memory_journal();
};

}  // namespace flowstone::eventstore
