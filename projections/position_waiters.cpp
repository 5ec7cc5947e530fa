#include "projections/position_waiters.hpp"

#include <algorithm>
#include <utility>

namespace flowstone::projections {

using std::chrono::steady_clock;

PositionWaiters::PositionWaiters() : timer_([this](const std::stop_token& stop) { watch_time(stop); }) {}

PositionWaiters::~PositionWaiters() {
  timer_.request_stop();
  timer_.join();
  for (auto& [name, line] : lines_) {
    for (auto& [position, waiter] : line.waiters) waiter.call(false);
  }
}

Result<void, PositionWaiters::Call> PositionWaiters::put_in_line(std::string_view projection, Position position,
                                                                 TimePoint until, Call call) {
  const std::lock_guard lock(mutex_);
  Line& line = line_of(projection);
  if (line.reached >= position || waiting_ == kMost) return failure(std::move(call));
  line.waiters.emplace(position, Waiter{std::move(call), until});
  ++waiting_;
  if (until < wake_at_) {
    wake_at_ = until;
    changed_.notify_all();
  }
  return {};
}

PositionWaiters::Line& PositionWaiters::line_of(std::string_view projection) {
  const auto found = lines_.find(projection);
  return found != lines_.end() ? found->second : lines_[std::string(projection)];
}

void PositionWaiters::wait(std::string_view projection, Position position, std::chrono::milliseconds deadline,
                           Call call) {
  auto waits = put_in_line(projection, position, steady_clock::now() + deadline, std::move(call));
  if (!waits) waits.error()(position_of(projection) >= position);
}

Position PositionWaiters::position_of(std::string_view projection) {
  const std::lock_guard lock(mutex_);
  return line_of(projection).reached;
}

void PositionWaiters::reached(std::string_view projection, Position position) {
  std::vector<Call> ready;
  {
    const std::lock_guard lock(mutex_);
    Line& line = line_of(projection);
    line.reached = std::max(line.reached, position);
    const auto beyond = line.waiters.upper_bound(position);
    for (auto waiter = line.waiters.begin(); waiter != beyond; ++waiter)
      ready.push_back(std::move(waiter->second.call));
    line.waiters.erase(line.waiters.begin(), beyond);
    waiting_ -= ready.size();
  }
  for (Call& call : ready) call(true);
}

std::vector<PositionWaiters::Call> PositionWaiters::take_expired(TimePoint now) {
  std::vector<Call> expired;
  wake_at_ = TimePoint::max();
  for (auto& [name, line] : lines_) {
    for (auto waiter = line.waiters.begin(); waiter != line.waiters.end();) {
      if (waiter->second.until <= now) {
        expired.push_back(std::move(waiter->second.call));
        waiter = line.waiters.erase(waiter);
      } else {
        wake_at_ = std::min(wake_at_, waiter->second.until);
        ++waiter;
      }
    }
  }
  waiting_ -= expired.size();
  return expired;
}

void PositionWaiters::watch_time(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    std::vector<Call> expired = take_expired(steady_clock::now());
    if (!expired.empty()) {
      lock.unlock();
      for (Call& call : expired) call(false);
      lock.lock();
      continue;
    }
    const TimePoint planned = wake_at_;
    const auto earlier = [&] { return wake_at_ < planned; };
    if (planned == TimePoint::max()) {
      changed_.wait(lock, stop, earlier);
    } else {
      changed_.wait_until(lock, stop, planned, earlier);
    }
  }
}

}  // namespace flowstone::projections
