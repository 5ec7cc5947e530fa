// What the sequencer remembers of streams and commands that the index may not know yet.
#pragma once

#include "eventstore/index.hpp"
#include "eventstore/log_tail.hpp"
#include "eventstore/recent_map.hpp"

namespace flowstone::eventstore {

// A RecentMap over something that the index also knows, but later: entries are forgotten only once their block is
// indexed. Used by one thread.
template <class Value>
class IndexedCache {
 public:
  IndexedCache(std::size_t capacity, const LogTail& tail) : entries_(capacity), tail_(tail) {}

  Value* find(std::string_view key) { return entries_.find(key); }
  Value& put(std::string_view key, Value value) { return entries_.put(key, std::move(value)); }

  // To be called between batches; `block` is the last block whose entries are in. Pointers become invalid.
  void tidy(std::uint64_t block) {
    if (!entries_.full() || old_until_ > tail_.indexed_block()) return;
    entries_.rotate();
    forgotten_until_ = old_until_;
    old_until_ = block;
  }
  // Whatever came in a later block than this is still here.
  [[nodiscard]] std::uint64_t forgotten_until() const { return forgotten_until_; }

 private:
  RecentMap<Value> entries_;
  const LogTail& tail_;
  std::uint64_t old_until_ = 0;
  std::uint64_t forgotten_until_ = 0;
};

}  // namespace flowstone::eventstore
