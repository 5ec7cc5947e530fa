#include "workers/triggers/due_times.hpp"

#include <algorithm>
#include <deque>

namespace flowstone::workers {
namespace {

std::size_t most_caught_up(workflows::CatchUp catch_up) {
  switch (catch_up) {
    case workflows::CatchUp::none:
      return 0;
    case workflows::CatchUp::last:
      return 1;
    case workflows::CatchUp::all:
      break;
  }
  return kMostCaughtUp;
}

}  // namespace

DueTimes due_times(const workflows::StartRule& rule, Timestamp anchor, Timestamp after, Timestamp now,
                   Timestamp awake_since) {
  DueTimes found;
  const auto schedule = rule.schedule(anchor);
  const Timestamp window = now + -std::chrono::microseconds(rule.catch_up_window);
  auto due = schedule.next(after);
  // Too old to be made up for.
  const Timestamp old = std::min(window, awake_since);
  while (due && *due <= now && *due < old && found.missed.count < kMostCounted) {
    found.missed.add(*due);
    due = schedule.next(*due);
  }
  if (due && *due <= now && *due < old) {
    found.missed.more = true;
    found.missed.last = Timestamp{old.micros - 1};
    due = schedule.next(found.missed.last);
  }
  const std::size_t most = most_caught_up(rule.catch_up);
  std::deque<Timestamp> recent;
  for (; due && *due <= now && *due < awake_since; due = schedule.next(*due)) {
    recent.push_back(*due);
    if (recent.size() <= most) continue;
    found.missed.add(recent.front());
    recent.pop_front();
  }
  found.caught_up.assign(recent.begin(), recent.end());
  std::deque<Timestamp> waiting;
  for (; due && *due <= now; due = schedule.next(*due)) {
    waiting.push_back(*due);
    if (waiting.size() <= kMostWaiting) continue;
    found.crowded.add(waiting.front());
    waiting.pop_front();
  }
  found.on_time.assign(waiting.begin(), waiting.end());
  return found;
}

}  // namespace flowstone::workers
