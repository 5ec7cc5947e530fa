// Tells the runs what the log says to them: that somebody asked for one, wants it to pause, go on or end, signals it,
// or has done what a task asked a person for. At its start it takes up the runs that were left.
//
// Threads: one of its own; the destructor stops and joins it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "base/position.hpp"
#include "eventstore/store.hpp"
#include "projections/catalog.hpp"
#include "workers/engine/roster.hpp"
#include "workers/run_engine.hpp"

namespace flowstone::workers {

class LogFollower {
 public:
  LogFollower(const EngineServices& services, std::shared_ptr<Roster> roster);

  // What was there when the follower was made is taken up.
  [[nodiscard]] bool wait_until_taken_up(std::chrono::milliseconds patience) const;

 private:
  void follow(const std::stop_token& stop);
  bool take_up(Position until, const std::stop_token& stop);
  Result<void, std::string> take_up_those(const std::string& workspace, const std::string& status);
  Result<Position, std::string> read_on(Position from, const std::stop_token& stop);
  void react(const eventstore::RecordedEvent& event);
  void adopt(const std::string& workspace, const std::string& id);
  void signal(const RunPointer& run, const eventstore::RecordedEvent& event);
  void answer_input(const std::string& workspace, const std::string& task_id);

  const EngineServices services_;
  std::shared_ptr<Roster> roster_;
  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  bool taken_up_ = false;
  std::jthread thread_;  // last: joined first
};

}  // namespace flowstone::workers
