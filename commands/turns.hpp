// Commands on one entity take turns: deciding the second on the state that the first is about to change would only lead
// to a conflict.
//
// Order: first come, first served. Threads: any. Limits: `waiting_at_most` for one entity.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/locked.hpp"

namespace flowstone::commands {

class Turns {
 public:
  // Starts a turn that had to wait. Called by whoever ended the turn before; must be quick.
  using Start = std::move_only_function<void()>;
  enum class Entry : std::uint8_t { now, later, full };

  explicit Turns(std::size_t waiting_at_most) : waiting_at_most_(waiting_at_most) {}

  // `now`: it is the caller's turn, and `start` is dropped. `later`: `start` will be called. `full`: neither.
  // Every turn is ended by `leave`.
  Entry enter(std::string_view key, Start start);
  void leave(std::string_view key);

 private:
  static constexpr std::size_t kShards = 32;
  using Waiting = std::unordered_map<std::string, std::deque<Start>>;

  Locked<Waiting>& shard_of(std::string_view key) { return shards_[std::hash<std::string_view>{}(key) % kShards]; }

  const std::size_t waiting_at_most_;
  std::array<Locked<Waiting>, kShards> shards_;  // of the entities whose turn somebody has
};

}  // namespace flowstone::commands
