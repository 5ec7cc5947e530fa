// A run as the engine holds it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "asl/machine.hpp"
#include "commands/workflow_runs.hpp"
#include "workers/engine/history.hpp"
#include "workers/engine/past.hpp"

namespace flowstone::workers {

// What is said to a run. `Wake` says nothing: its time has come, or it is to be looked at.
struct Wake {};
struct Pause {};
struct Resume {};
struct Cancel {
  std::string reason;
};
struct Word {
  asl::TaskReport report;
  bool tells_start = false;           // nobody said that the task began
  commands::WorkflowRuns::Done done;  // may be empty
};
using Message = std::variant<Wake, Pause, Resume, Cancel, Signal, Word>;
// Whoever waits for an answer to it is told that the run has ended.
void refuse(Message& message);
// What somebody is told who speaks of a task that nobody waits for (any more).
commands::CommandResult task_not_out(std::string why);

// A task that is out: somebody performs it, or it waits.
struct OutTask {
  std::string key;  // TaskCall::key
  std::string path, state, resource;
  std::uint64_t attempt = 0;
  std::optional<std::uint64_t> entered = {};  // Branch::entered, where it is known
};

// A task that somebody has taken before the append that asks for it is in the log.
struct TakenTask {
  OutTask task;
  commands::WorkflowRuns::Done told;  // Taker::told
};

struct LiveRun {
  LiveRun(std::string of_workspace, std::string of_id) : workspace(std::move(of_workspace)), id(std::move(of_id)) {}

  const std::string workspace, id;

  // Guarded by the engine's mutex.
  std::deque<Message> inbox;
  bool queued = false;   // it waits for its turn
  bool busy = false;     // it has its turn, or waits for the log
  bool removed = false;  // nobody listens any more
  std::optional<Timestamp> due;
  std::string workflow_id;
  bool admitted = false;  // counts among those of its workflow that run

  // Of the thread that has its turn.
  std::optional<RunHistory> history;                // empty: not in memory
  std::optional<commands::Command> request;         // still to be appended
  commands::WorkflowRuns::Done started;             // waits for the first append
  std::vector<commands::WorkflowRuns::Done> told;   // wait for the append under way
  std::optional<commands::CommandResult> appended;  // its outcome, once it is there
  std::map<std::string, OutTask> out;               // by path
  std::optional<Past> past;                         // of a fork that has not yet taken all of it over
  std::vector<std::string> scheduled;               // paths of tasks that are to begin
  std::vector<TakenTask> taken;                     // in the append under way
  bool reconcile = false;                           // what is out is to be compared with what the machine waits for
  bool ending = false;                              // the append under way ends a run that never began
  std::vector<Word> unsaved;                        // in the append under way
  std::deque<Message> held;                         // to be listened to before the inbox
  Timestamp last;                                   // of the last event
  std::uint32_t failures = 0;                       // turns in a row that the log did not take
};

using RunPointer = std::shared_ptr<LiveRun>;
// Workspace and id.
using RunKey = std::pair<std::string, std::string>;
inline RunKey key_of(const LiveRun& run) { return {run.workspace, run.id}; }

}  // namespace flowstone::workers
