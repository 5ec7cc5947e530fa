// Keys and values touched lately; what was not touched for a while is forgotten a generation at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace flowstone::eventstore {

// Limits: up to two generations of `capacity / 2` entries, if `rotate` is called whenever it is `full`.
// Lifetime: pointers stay valid until the next `rotate`.
template <class Value>
class RecentMap {
 public:
  explicit RecentMap(std::size_t capacity) : generation_(capacity / 2 + 1) {}

  // Finds the entry and counts that as a touch.
  Value* find(std::string_view key) {
    if (const auto young = young_.find(key); young != young_.end()) return &young->second;
    const auto old = old_.find(key);
    if (old == old_.end()) return nullptr;
    return &young_.insert(old_.extract(old)).position->second;
  }

  Value& put(std::string_view key, Value value) {
    return young_.insert_or_assign(std::string(key), std::move(value)).first->second;
  }
  void erase(std::string_view key) {
    if (const auto young = young_.find(key); young != young_.end()) young_.erase(young);
    if (const auto old = old_.find(key); old != old_.end()) old_.erase(old);
  }

  // True when the young generation is full: then `rotate` forgets the old one and makes the young one old.
  [[nodiscard]] bool full() const { return young_.size() >= generation_; }
  void rotate() {
    old_ = std::exchange(young_, {});
    young_.reserve(old_.size());
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
  };
  using Entries = std::unordered_map<std::string, Value, Hash, std::equal_to<>>;

  std::size_t generation_;
  Entries young_;
  Entries old_;
};

}  // namespace flowstone::eventstore
