// `flowstone:sleep`: ends so many seconds after it was scheduled (docs/tasks.md), also when the server was down
// meanwhile.
//
// Threads: one for all sleepers. `done` runs on it.
// Limits: kMostSleepers at a time; one more is refused (`Task.Busy`). A step of the clock is noticed within
// `look_again`.
// Lifetime: the clock outlives it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include "base/time.hpp"
#include "workers/tasks/task.hpp"

namespace flowstone::workers {

class SleepTask final : public TaskHandler {
 public:
  static constexpr std::size_t kMostSleepers = 1'000'000;

  explicit SleepTask(const Clock& clock, std::chrono::milliseconds look_again = std::chrono::seconds(1));

  void perform(TaskCall call, Done done) override;
  void cancel(const std::string& key) override;

 private:
  struct Sleeper {
    std::string key;
    Done done;
  };
  using Sleepers = std::multimap<Timestamp, Sleeper>;  // by when they wake up

  void wake(const std::stop_token& stop);
  Sleepers::node_type take_first(const std::stop_token& stop);
  void forget(Sleepers::iterator sleeper);

  const Clock& clock_;
  const std::chrono::milliseconds look_again_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  Sleepers sleepers_;
  std::unordered_multimap<std::string, Sleepers::iterator> by_key_;
  std::jthread thread_;  // last: joined first
};

}  // namespace flowstone::workers
