// Starts workflows by themselves: at times, and at events of the log. At its start it takes up what was left undone.
//
// Threads: one of its own; the destructor stops and joins it. `wait_for` may be called from any thread.
// Limits: what fails for the server's sake is tried again after a second, then twice as long each time, up to a minute.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "workers/triggers/triggers.hpp"

namespace flowstone::workers {

class TriggerWorker {
 public:
  explicit TriggerWorker(TriggerServices services);

  // Blocks until every event up to the position was looked at. False if that takes longer than `patience`.
  [[nodiscard]] bool wait_for(Position position, std::chrono::milliseconds patience);

 private:
  void follow(const std::stop_token& stop);
  void rest(const std::stop_token& stop, std::chrono::milliseconds longest);
  void tell();

  TriggerServices services_;
  Triggers triggers_;
  std::mutex mutex_;
  std::condition_variable_any moved_;
  Position done_;
  std::jthread thread_;  // last: joined first
};

}  // namespace flowstone::workers
