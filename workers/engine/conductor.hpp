// Gives each run its turns: takes what was said to it, decides what it does next, and appends that.
//
// Threads: `take_turn` may be called from several at once, each with a run of its own from `Roster::next`.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "workers/engine/roster.hpp"
#include "workers/engine/run_batch.hpp"
#include "workers/engine/tasks_of_run.hpp"
#include "workers/run_engine.hpp"

namespace flowstone::workers {

class Conductor {
 public:
  Conductor(const EngineServices& services, const EngineOptions& options, std::shared_ptr<Roster> roster,
            Definitions& definitions, commands::WorkflowRuns& runs);

  // May block.
  void take_turn(const RunPointer& run);
  // After a turn that threw: the run is folded again and has another turn later; one that is not in the log yet is
  // refused.
  void break_off(const RunPointer& run, const std::string& why);
  [[nodiscard]] std::size_t machines_in_memory() const { return in_memory_.load(); }

 private:
  // False: the turn is over.
  bool settle(const RunPointer& run, const commands::CommandResult& appended);
  bool load(const RunPointer& run);
  bool load_new(const RunPointer& run);
  // Whether a run that has not begun may. If not it is gone (without a history), or waits, or is to be refused in the
  // log (`ending`).
  bool begins(const RunPointer& run, RunBatch& batch);

  // What it shares with the run that it was made from. False: the turn is over, and more of it may be left.
  bool take_over(const RunPointer& run, RunBatch& batch);
  bool read_past_of(const RunPointer& run);
  [[nodiscard]] asl::Event beginning_of(const LiveRun& run) const;

  void take(const RunPointer& run, Message message, RunBatch& batch);
  void hear(LiveRun& run, Word word, RunBatch& batch);
  // The event, after the one that says that its task began if nobody said so.
  void add_report(LiveRun& run, const asl::TaskReport& report, bool tells_start, asl::Event event, RunBatch& batch);
  void decide(LiveRun& run, RunBatch& batch);
  // One of the tasks that are asked for begins in the same append, perhaps ends too. False: none of them from `asked`
  // on.
  bool begin_at_once(LiveRun& run, std::size_t& asked, RunBatch& batch);
  void add(LiveRun& run, asl::Event event, RunBatch& batch);
  [[nodiscard]] bool is_full(const RunBatch& batch) const;
  void append(const RunPointer& run, RunBatch batch);
  void rest(const RunPointer& run);

  void postpone(const RunPointer& run, const std::string& why);
  // A run that is not in the log and never will be.
  void turn_away(const RunPointer& run, const commands::CommandResult& why);
  bool end(const RunPointer& run, const commands::CommandResult& outcome);
  void tell_parent(const LiveRun& run);
  void forget(LiveRun& run);
  [[nodiscard]] Timestamp now(const LiveRun& run) const;

  const EngineServices services_;
  const EngineOptions options_;
  std::shared_ptr<Roster> roster_;
  Definitions& definitions_;
  TasksOfRun tasks_;
  std::atomic<std::size_t> in_memory_{0};
};

}  // namespace flowstone::workers
