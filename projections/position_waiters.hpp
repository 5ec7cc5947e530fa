// Readers that want to see their own write: each is called when a projection has reached its position, or when its time
// is up.
//
// Threads: every member may be called from any thread. Calls are made on the thread that calls `reached`, or on one of its own.
// Lifetime: the destructor calls everybody who still waits, with false.
// Limits: kMost may wait; who comes then is told false at once.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/position.hpp"
#include "base/result.hpp"

namespace flowstone::projections {

class PositionWaiters {
 public:
  using Call = std::move_only_function<void(bool)>;
  static constexpr std::size_t kMost = 100'000;

  PositionWaiters();
  ~PositionWaiters();
  PositionWaiters(const PositionWaiters&) = delete;
  PositionWaiters& operator=(const PositionWaiters&) = delete;

  void wait(std::string_view projection, Position position, std::chrono::milliseconds deadline, Call call);
  void reached(std::string_view projection, Position position);

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Waiter {
    Call call;
    TimePoint until;
  };
  struct Line {
    Position reached;
    std::multimap<Position, Waiter> waiters;
  };

  void watch_time(const std::stop_token& stop);
  // Takes out whose time is up, and sets `wake_at_` to when the next one's is.
  std::vector<Call> take_expired(TimePoint now);
  Line& line_of(std::string_view projection);
  Position position_of(std::string_view projection);
  // Puts the call in line; gives it back if it need not or cannot wait.
  Result<void, Call> put_in_line(std::string_view projection, Position position, TimePoint until, Call call);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, Line, std::less<>> lines_;
  std::size_t waiting_ = 0;
  TimePoint wake_at_ = TimePoint::max();
  std::jthread timer_;
};

}  // namespace flowstone::projections
