// What a workflow's task asks of the world, and who does it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "base/time.hpp"
#include "commands/executor.hpp"
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

// Who begins with a task in the append that asks for it.
struct Taker {
  std::string worker;
  // Runs exactly once: with what the log answered, or with a rejection if the task is not to be done after all.
  std::move_only_function<void(commands::CommandResult)> told;
};

// Threads: every member is called from any thread and does not block.
class TaskHandler {
 public:
  using Done = std::move_only_function<void(TaskOutcome)>;
  // Nothing: the task is performed once it is in the log.
  using AtOnce = std::variant<std::monostate, TaskOutcome, Taker>;

  TaskHandler() = default;
  TaskHandler(const TaskHandler&) = delete;
  TaskHandler& operator=(const TaskHandler&) = delete;
  // Waits until nothing is under way; what is, ends without an outcome.
  virtual ~TaskHandler() = default;

  // What the append that asks for the task can say of it already. Nothing is in the log yet, and may never be: this
  // changes nothing outside, and takes a moment.
  virtual AtOnce at_once(const TaskCall& call) {
    static_cast<void>(call);
    return {};
  }
  // Begins the task. `done` runs at most once, on any thread, and is quick.
  virtual void perform(TaskCall call, Done done) = 0;
  // Nobody waits for the task with this key any more: the run ended, or the task's time is over.
  virtual void cancel(const std::string& key) { static_cast<void>(key); }
};

}  // namespace flowstone::workers
