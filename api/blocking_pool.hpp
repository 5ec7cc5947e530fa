// Threads for work that may wait for the disk: the network's own threads never do.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace flowstone::api {

// Order: first in, first out; two works may run at the same time.
// Threads: `run` may be called from any thread. The destructor finishes what was queued.
// Limits: the queue holds what the connections have under way: one work a connection, and one a batch of commands.
class BlockingPool {
 public:
  explicit BlockingPool(std::size_t threads);
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  void run(std::move_only_function<void()> work);
  [[nodiscard]] std::size_t queued() const;

 private:
  void serve();

  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::move_only_function<void()>> queue_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace flowstone::api
