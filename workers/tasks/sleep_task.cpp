#include "workers/tasks/sleep_task.hpp"

#include <algorithm>
#include <utility>

#include "workers/tasks/arguments.hpp"

namespace flowstone::workers {
namespace {

constexpr double kMostSeconds = 99'999'999;  // as in a Wait state

TaskOutcome woken(Timestamp at) { return {.output = Value::object({{"Until", Value::string(to_rfc3339(at))}})}; }

}  // namespace

SleepTask::SleepTask(const Clock& clock, std::chrono::milliseconds look_again)
    : clock_(clock), look_again_(look_again), thread_([this](const std::stop_token& stop) { wake(stop); }) {}

void SleepTask::perform(TaskCall call, Done done) {
  Arguments arguments(call);
  const auto seconds = arguments.number("Seconds", 0, kMostSeconds);
  if (arguments.mistake()) return done(*arguments.mistake());
  const auto until = call.scheduled_at + std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6));
  {
    const std::lock_guard lock(mutex_);
    if (sleepers_.size() < kMostSleepers) {
      const auto sleeper = sleepers_.emplace(until, Sleeper{.key = call.key, .done = std::move(done)});
      by_key_.emplace(std::move(call.key), sleeper);
      if (sleeper == sleepers_.begin()) changed_.notify_one();
      return;
    }
  }
  done(failed("Task.Busy", "Too many tasks sleep at the moment."));
}

void SleepTask::cancel(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto [begin, end] = by_key_.equal_range(key);
  for (auto at = begin; at != end; ++at) sleepers_.erase(at->second);
  by_key_.erase(begin, end);
}

void SleepTask::wake(const std::stop_token& stop) {
  while (auto sleeper = take_first(stop)) sleeper.mapped().done(woken(sleeper.key()));
}

// Empty: it is to stop.
SleepTask::Sleepers::node_type SleepTask::take_first(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (sleepers_.empty()) {
      changed_.wait(lock, stop, [this] { return !sleepers_.empty(); });
      continue;
    }
    const auto first = sleepers_.begin();
    const auto due = first->first;
    const auto left = due - clock_.now();
    if (left <= std::chrono::microseconds(0)) {
      forget(first);
      return sleepers_.extract(first);
    }
    const auto earlier = [&] { return !sleepers_.empty() && sleepers_.begin()->first < due; };
    changed_.wait_for(lock, stop, std::min<std::chrono::microseconds>(left, look_again_), earlier);
  }
  return {};
}

void SleepTask::forget(Sleepers::iterator sleeper) {
  const auto [begin, end] = by_key_.equal_range(sleeper->second.key);
  const auto found = std::find_if(begin, end, [&](const auto& each) { return each.second == sleeper; });
  if (found != end) by_key_.erase(found);
}

}  // namespace flowstone::workers
