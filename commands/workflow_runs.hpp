// What carries workflows out, as the rooms above ask for it.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

#include "asl/machine.hpp"
#include "commands/executor.hpp"

namespace flowstone::commands {

// Something that is said about a task of a run.
struct TaskWord {
  std::string workspace, run_id;
  asl::TaskReport report;
};

// Durability: what is told as done is in the log.
// Threads: every member may be called from any thread and does not block. `done` runs exactly once, on a thread that
// must not be blocked.
class WorkflowRuns {
 public:
  using Done = std::move_only_function<void(CommandResult)>;

  virtual ~WorkflowRuns() = default;

  // `request` is a `request_run`. The outcome is the run as it was when it first rested: it may have ended by then.
  // Beyond what the definition's `concurrency` allows the run is refused (rejected, `concurrency_limit`).
  virtual void start(Command request, Done done) = 0;
  // Refused (rejected, `task_not_out`) if it comes too late.
  virtual void report(TaskWord word, Done done) = 0;
  // Calls `done` when the run has ended, or with the run as it stands when the time is over.
  virtual void wait_for_end(std::string workspace, std::string run_id, std::chrono::milliseconds patience,
                            Done done) = 0;

  // Of runs that go on or wait.
  struct Figures {
    std::size_t runs = 0;              // all of them
    std::size_t in_memory = 0;         // folded
    std::size_t waiting_for_turn = 0;  // something is to be decided
    std::size_t timers = 0;            // have a time at which they go on
  };
  [[nodiscard]] virtual Figures figures() const = 0;
};

}  // namespace flowstone::commands
