// Every run that goes on or waits: who is next, what was said to it, and when its time comes.
//
// Threads: every member may be called from any thread; `next` and `wait_for_due` block.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "workers/engine/live_run.hpp"
#include "workers/engine/turns.hpp"
#include "workflows/definition.hpp"

namespace flowstone::workers {

class Roster {
 public:
  using Done = commands::WorkflowRuns::Done;

  static constexpr std::size_t kWokenTogether = 1'000;

  explicit Roster(std::size_t most) : most_(most) {}

  // The run, which is new if `made` says so. Null if there are too many already.
  RunPointer add(const std::string& workspace, const std::string& id, bool& made);
  [[nodiscard]] RunPointer find(const std::string& workspace, const std::string& id) const;
  void remove(const LiveRun& run);

  // Says something to the run and gives it a turn. What nobody listens to any more is refused.
  void post(const RunPointer& run, Message message);
  // The run whose turn it is; null when there is nothing left to do but stop.
  RunPointer next(const std::stop_token& stop);
  std::deque<Message> take_inbox(LiveRun& run);
  // The turn goes on once the log has answered what it is asked now: `answer` is the outcome.
  void ask_log();
  void answer(const RunPointer& run, commands::CommandResult answer);
  // The turn is over. The run has another one when something is said to it, and at `due`.
  void end_turn(const RunPointer& run, std::optional<Timestamp> due);

  // The run has a turn at `due` unless something is said to it before.
  void wake_at(const RunPointer& run, Timestamp due);
  // Gives a turn to the runs whose time has come, and ends every wait whose patience is over. Of very many runs the
  // first kWokenTogether: nobody is to wait for the others, and there is something due still (`wait_for_due`).
  std::vector<std::pair<RunKey, Done>> wake_due(Timestamp now);
  // Until something may be due, or `longest` has passed.
  void wait_for_due(const Clock& clock, std::chrono::milliseconds longest, const std::stop_token& stop);

  enum class Verdict : std::uint8_t { begins, waits, refused };
  // Whether the run may begin beside the others of its workflow. `cancelled` are those that make room for it.
  Verdict admit(const RunPointer& run, const std::string& workflow_id, const workflows::Concurrency& concurrency,
                std::vector<RunPointer>& cancelled);

  // The run has begun already.
  void count_in(const RunPointer& run, const std::string& workflow_id);

  // `done` belongs to the run's end: those that wait for it are taken when the run is removed. A run that is not here
  // has ended: its waits are over at once.
  void wait_for_end(const RunKey& key, Timestamp until, Done done);
  std::vector<Done> take_waiting(const RunKey& key);
  // Until the log has answered everything.
  void wait_for_answers();
  // Everybody who waits for a run to begin or to end. Nobody takes turns any more.
  std::vector<Done> take_everybody();

  // Tasks that wait for something else to happen to the entity with this id.
  void await(const std::string& entity, const RunPointer& run, const OutTask& task);
  void forget(const std::string& entity);
  struct Awaiting {
    RunPointer run;
    OutTask task;
  };
  [[nodiscard]] std::optional<Awaiting> awaiting(const std::string& entity) const;

  struct Counts {
    std::size_t runs = 0, waiting_for_turn = 0, timers = 0;
  };
  [[nodiscard]] Counts counts() const;

 private:
  struct Crowd {
    std::set<std::string> running;
    std::deque<RunPointer> waiting;
  };
  struct Patience {
    Timestamp until;
    Done done;
  };

  void give_turn(const RunPointer& run);
  void set_due(const RunPointer& run, std::optional<Timestamp> due);
  void leave_crowd(const LiveRun& run);

  const std::size_t most_;
  mutable std::mutex mutex_;
  std::condition_variable_any ready_, earlier_, answered_;
  std::size_t asked_ = 0;  // of the log, and not answered
  std::map<RunKey, RunPointer> runs_;
  Turns<RunPointer> turns_;
  std::set<std::pair<Timestamp, RunKey>> timers_;
  std::map<RunKey, Crowd> crowds_;  // by workspace and workflow
  std::multimap<RunKey, Patience> waiting_for_end_;
  std::map<std::string, Awaiting> awaiting_;
};

}  // namespace flowstone::workers
