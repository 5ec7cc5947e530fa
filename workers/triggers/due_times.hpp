// Which of a schedule's times are to be started now, and which were missed. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "workflows/start_rule.hpp"

namespace flowstone::workers {

// Times one after the other.
struct DueSpan {
  std::uint64_t count = 0;
  Timestamp first, last;
  bool more = false;  // there were more than could be counted

  void add(Timestamp at) {
    if (count++ == 0) first = at;
    last = at;
  }
};

// In this order: what was missed, what could not wait any longer, what is to be started.
struct DueTimes {
  DueSpan missed;
  DueSpan crowded;
  std::vector<Timestamp> caught_up;  // missed, and made up for
  std::vector<Timestamp> on_time;

  [[nodiscard]] bool empty() const {
    return missed.count == 0 && crowded.count == 0 && caught_up.empty() && on_time.empty();
  }
};

inline constexpr std::size_t kMostCaughtUp = 1'000;
inline constexpr std::size_t kMostWaiting = 1'000;  // times that wait for a run's end, or were not looked at yet
inline constexpr std::uint64_t kMostCounted = 1'000'000;

// The times after `after`, up to `now`. What fell due from `awake_since` on is on time.
// Cost: every missed time of the catch-up window, and kMostCounted before it.
DueTimes due_times(const workflows::StartRule& rule, Timestamp anchor, Timestamp after, Timestamp now,
                   Timestamp awake_since);

}  // namespace flowstone::workers
