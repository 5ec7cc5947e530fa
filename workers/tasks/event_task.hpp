// `flowstone:event`: waits for the first event of the log behind its own scheduling that is of a type and for which a
// condition holds (docs/tasks.md). Also after a restart: what came meanwhile is looked at again from there.
//
// Threads: one that follows the log while anybody waits; `done` runs on it.
// Limits: kMostWaits at a time; one more is refused (`Task.Busy`).
// Lifetime: the store outlives it.
#pragma once

#include <condition_variable>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/position.hpp"
#include "base/result.hpp"
#include "eventstore/store.hpp"
#include "workers/tasks/task.hpp"
#include "workflows/start_rule.hpp"

namespace flowstone::workers {

class EventTask final : public TaskHandler {
 public:
  static constexpr std::size_t kMostWaits = 100'000;

  explicit EventTask(eventstore::Store& store);

  void perform(TaskCall call, Done done) override;
  void cancel(const std::string& key) override;

 private:
  struct Wait {
    TaskCall call;
    Done done;
    workflows::StartRule rule;
    Position after = {};  // of the event that scheduled the task
  };
  using WaitPointer = std::shared_ptr<Wait>;
  using Waits = std::map<std::string, std::list<WaitPointer>>;  // by workspace

  void follow(const std::stop_token& stop);
  // What has come in. False: it is to stop.
  bool take_new(const std::stop_token& stop);
  Result<void, std::string> look(const std::stop_token& stop);
  // Finds where each of them was scheduled.
  Result<void, std::string> place(const std::vector<WaitPointer>& waits, const std::stop_token& stop);
  Result<void, std::string> read(Waits& waits, Position after, Position to, const std::stop_token& stop);
  void show(const eventstore::RecordedEvent& event, std::list<WaitPointer>& waits);
  // False if nobody waits for it any more.
  bool forget(const WaitPointer& wait);
  [[nodiscard]] bool is_over(const WaitPointer& wait);
  void drop_what_is_over();

  eventstore::Store& store_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::unordered_multimap<std::string, WaitPointer> by_key_;  // those that are waited for
  std::vector<WaitPointer> arrived_;                          // and not looked at yet
  bool cancelled_ = false;                                    // since the thread looked
  Position durable_;
  // Of the thread.
  std::vector<WaitPointer> fresh_;
  Waits waits_;
  Position done_;  // they have seen every event up to it
  std::shared_ptr<void> listener_;
  std::jthread thread_;  // last: joined first
};

}  // namespace flowstone::workers
