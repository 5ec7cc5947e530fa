// A bounded map of what was used recently; what was used longest ago goes first.
//
// Threads: any. Limits: `capacity` entries, spread evenly over the shards.
#pragma once

#include <array>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/locked.hpp"

namespace flowstone::commands {

template <class Value>
class RecentlyUsed {
 public:
  explicit RecentlyUsed(std::size_t capacity) : shard_capacity_(capacity / kShards + 1) {}

  std::optional<Value> find(std::string_view key) {
    return shard_of(key).with([&](Shard& shard) -> std::optional<Value> {
      const auto found = shard.entries.find(key);
      if (found == shard.entries.end()) return std::nullopt;
      shard.order.splice(shard.order.begin(), shard.order, found->second);
      return found->second->value;
    });
  }

  // Puts `value` in place of an older one, if `replaces(older)`.
  template <class Replaces>
  void put(std::string_view key, Value value, Replaces&& replaces) {
    shard_of(key).with([&](Shard& shard) {
      if (const auto found = shard.entries.find(key); found != shard.entries.end()) {
        if (replaces(std::as_const(found->second->value))) found->second->value = std::move(value);
        shard.order.splice(shard.order.begin(), shard.order, found->second);
        return;
      }
      shard.order.push_front({std::string(key), std::move(value)});
      shard.entries.emplace(shard.order.front().key, shard.order.begin());
      if (shard.order.size() <= shard_capacity_) return;
      shard.entries.erase(shard.order.back().key);
      shard.order.pop_back();
    });
  }

  void erase(std::string_view key) {
    shard_of(key).with([&](Shard& shard) {
      const auto found = shard.entries.find(key);
      if (found == shard.entries.end()) return;
      const auto entry = found->second;
      shard.entries.erase(found);
      shard.order.erase(entry);
    });
  }

 private:
  static constexpr std::size_t kShards = 32;

  struct Entry {
    std::string key;
    Value value;
  };
  struct Shard {
    std::list<Entry> order;                                                             // most recently used first
    std::unordered_map<std::string_view, typename std::list<Entry>::iterator> entries;  // keys live in `order`
  };

  Locked<Shard>& shard_of(std::string_view key) { return shards_[std::hash<std::string_view>{}(key) % kShards]; }

  const std::size_t shard_capacity_;
  std::array<Locked<Shard>, kShards> shards_;
};

}  // namespace flowstone::commands
