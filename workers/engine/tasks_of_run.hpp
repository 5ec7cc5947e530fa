// Begins the tasks that a run asks for, and lets go of those that nobody waits for any more.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "asl/run.hpp"
#include "base/identifier.hpp"
#include "commands/executor.hpp"
#include "eventstore/store.hpp"
#include "projections/catalog.hpp"
#include "schemas/task_generated.h"
#include "workers/engine/roster.hpp"
#include "workers/tasks/task.hpp"

namespace flowstone::workers {

// What a task waits for, besides those that a handler performs.
inline constexpr std::string_view kRunResource = "flowstone:run";
inline constexpr std::string_view kInputResource = "flowstone:input";

// Runs that begin runs that begin runs.
inline constexpr std::uint32_t kDeepest = 8;

// The UUID of what an attempt at a task makes, so that it is made once however often the attempt begins.
std::string id_of_effect(std::string_view key, std::uint64_t attempt);

// Threads: one at a time for each run.
class TasksOfRun {
 public:
  struct Services {
    eventstore::Store& store;
    Definitions& definitions;
    projections::Catalog& catalog;
    commands::Executor& executor;
    std::function<TaskHandler*(std::string_view resource)> handler;
    commands::WorkflowRuns& runs;
  };

  TasksOfRun(Services services, std::shared_ptr<Roster> roster)
      : services_(std::move(services)), roster_(std::move(roster)) {}

  // What the append that schedules the task here can say of it: that somebody has it, or how it ended. Nothing: it
  // begins in `keep_up`.
  struct AtOnce {
    asl::TaskReport report;
    bool tells_start = false;  // that it began is to be told before
  };
  std::optional<AtOnce> at_once(LiveRun& run, const std::string& path);
  // Whoever took a task is told what the log answered, or that it is not theirs: nothing of it is there.
  void hand_over(LiveRun& run, const commands::CommandResult& appended);
  void take_back(LiveRun& run);

  // What the run has scheduled begins; where it is to be reconciled, everything that is out does, and what is out no
  // longer is let go. The run's machine is in memory.
  void keep_up(const RunPointer& run);
  // The run has ended.
  void let_go_of_all(LiveRun& run);
  // A signal came, or a task that waits for one.
  void hand_out_signals(const RunPointer& run);

 private:
  void reconcile(const RunPointer& run);
  void begin(const RunPointer& run, const asl::Branch& branch);
  void begin_child(const RunPointer& run, const TaskCall& call, const OutTask& task);
  void begin_input(const RunPointer& run, const TaskCall& call, const OutTask& task);
  void let_go(const LiveRun& run, const OutTask& task);

  Services services_;
  std::shared_ptr<Roster> roster_;
};

// What is said of the task to its run.
Word word_of(const OutTask& task, TaskOutcome outcome);

// What the end of a run means to the task that waits for it; nothing while it goes on.
std::optional<TaskOutcome> outcome_of_child(const asl::Run& child, const std::string& child_id);
// What the end of a task of a person means to the task that waits for it; nothing while it is open.
std::optional<TaskOutcome> outcome_of_input(const schemas::TaskT& task);

}  // namespace flowstone::workers
