// What a workflow's task asks of the world, and who does it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "jsonata/value.hpp"

namespace flowstone::workers {

using jsonata::Value;

// One attempt at a task.
struct TaskCall {
  std::string workspace, run_id;
  std::string path, state;  // where in the run (asl/event.hpp)
  std::string resource;     // "flowstone:http"
  Value input;              // its arguments
  std::uint64_t attempt = 0;
  // Names the effect: the same for every attempt at it, and when it is done again because the server died meanwhile.
  // Who is asked can tell by it that it was asked before.
  std::string key;
  Timestamp scheduled_at;
  std::optional<Timestamp> deadline;  // after it nobody waits any more
  std::uint32_t depth = 0;            // of the run's causes
  double heartbeat_seconds = 0;       // who works on it must be heard of so often; 0: need not
  bool started = false;               // somebody began with it before the server died
};

// How it ended: with an output, or with an error.
struct TaskOutcome {
  Value output = {};
  std::optional<std::string> error = {}, cause = {};  // "Http.Timeout" and a sentence
};

// Threads: `perform` and `cancel` are called from any thread and do not block.
class TaskHandler {
 public:
  using Done = std::move_only_function<void(TaskOutcome)>;

  TaskHandler() = default;
  TaskHandler(const TaskHandler&) = delete;
  TaskHandler& operator=(const TaskHandler&) = delete;
  // Waits until nothing is under way; what is, ends without an outcome.
  virtual ~TaskHandler() = default;

  // Begins the task. `done` runs at most once, on any thread, and is quick.
  virtual void perform(TaskCall call, Done done) = 0;
  // Nobody waits for the task with this key any more: the run ended, or the task's time is over.
  virtual void cancel(const std::string& key) { static_cast<void>(key); }
};

}  // namespace flowstone::workers
