// Threads that carry out tasks which wait or compute: so many at a time, the others in the order in which they came.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "workers/tasks/task.hpp"

namespace flowstone::workers {

struct LaneLimits {
  std::size_t at_once = 4;
  std::size_t waiting = 10'000;  // one more is refused: `Task.Busy`
};

// Threads: `add` and `cancel` may be called from any thread and do not block. Its own are made when they are needed and
// stay. The destructor stops what is under way, forgets what waits, and joins.
class Lane {
 public:
  // Ends soon once the token is stopped. Nothing: there is no outcome, because it was stopped.
  using Work = std::function<std::optional<TaskOutcome>(const TaskCall&, const std::stop_token&)>;

  Lane(LaneLimits limits, Work work) : limits_(limits), work_(std::move(work)) {}
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  void add(TaskCall call, TaskHandler::Done done);
  // Those that wait are forgotten, those under way are stopped: none has an outcome.
  void cancel(const std::string& key);

 private:
  struct Job;
  using Jobs = std::list<std::shared_ptr<Job>>;

  void serve();
  std::shared_ptr<Job> next();
  std::optional<TaskOutcome> carry_out(const Job& job) const;
  void forget(const std::shared_ptr<Job>& job);

  const LaneLimits limits_;
  const Work work_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  Jobs waiting_;
  std::unordered_multimap<std::string, std::shared_ptr<Job>> by_key_;  // those that wait and those under way
  std::size_t idle_ = 0;
  bool stopping_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace flowstone::workers
