// The triggers of all workspaces: keeps them as the newest versions of their workflows say, looks at what the log
// brings and at what falls due, and starts runs.
//
// Durability: what became of a cause is recorded after the run was started; the run's id is made of trigger and cause, so
// that a crash between the two starts it once. What was looked at and not recorded is looked at again.
// Threads: one at a time. Lifetime: the services outlive it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/position.hpp"
#include "base/time.hpp"
#include "commands/executor.hpp"
#include "commands/triggered_run.hpp"
#include "commands/workflow_runs.hpp"
#include "eventstore/store.hpp"
#include "schemas/workflow_generated.h"
#include "workers/triggers/evaluations.hpp"
#include "workflows/definition.hpp"

namespace flowstone::workers {

struct TriggerServices {
  eventstore::Store& store;
  commands::Executor& executor;
  commands::WorkflowRuns& runs;
  const Clock& clock;
};

class Triggers {
 public:
  // A time that is looked at no later than this is on time, also right after a start.
  static constexpr std::chrono::seconds kPunctual{60};

  explicit Triggers(TriggerServices services) : services_(services) {}

  // Everything that the log had before. To be called first, and again after an error; the error is a sentence.
  Result<void, std::string> take_up(const std::stop_token& stop);
  // What the log has brought since, and what is due.
  Result<void, std::string> look(const std::stop_token& stop);

  // Records what is held back; to be called last.
  Result<void, std::string> finish();

  // Every event up to it has been looked at.
  [[nodiscard]] Position done() const { return done_; }
  // When something is due next, of those that are known.
  [[nodiscard]] std::optional<Timestamp> next_due() const;

 private:
  using Done = Result<void, std::string>;
  using Evaluation = schemas::RecordTriggerEvaluationT;

  struct Known {
    std::string workspace;
    schemas::TriggerT state;
    std::optional<workflows::StartRule> rule;
    std::optional<workflows::InputSchema> inputs;
    bool enabled = false;
    Position evaluated;  // events up to it set nothing off
  };
  // A cause that was looked at; with a request, a run is to be started.
  struct Looked {
    Known* trigger = nullptr;
    Evaluation evaluation;
    std::optional<commands::Command> request;
  };

  // --- what there is ---
  Done collect(Position to, std::map<std::string, Position>& resumed, const std::stop_token& stop);
  Result<Known*, std::string> load(const std::string& workspace, const std::string& id);
  Done sync_workflow(const std::string& workspace, const std::string& id);
  Done sync_versions(const std::string& workspace, const schemas::WorkflowT& workflow);
  Done follow_life(const eventstore::RecordedEvent& event, const std::stop_token& stop);
  Done awaken(const std::string& workspace, const std::string& id, std::string_view type, Position at,
              const std::stop_token& stop);

  // --- what happens ---
  Done read_on(const std::stop_token& stop);
  Done catch_up(Known& trigger, Position to, const std::stop_token& stop);
  Done look_at(Known& trigger, const eventstore::RecordedEvent& event, const jsonata::Value& value);
  Result<std::uint32_t, std::string> depth_of(const eventstore::RecordedEvent& event);
  void ask_for(Known& trigger, const commands::StartCause& cause, const jsonata::Value& over,
               const jsonata::Context& context, Evaluation evaluation);

  // --- what falls due ---
  Done look_at_clock(const std::stop_token& stop);
  Done look_at_schedule(Known& trigger, Timestamp now, const std::stop_token& stop);
  // False if the time waits for a run's end.
  Result<bool, std::string> fire(Known& trigger, Timestamp due, bool caught_up, const std::stop_token& stop);
  Result<bool, std::string> is_busy(const Known& trigger);

  // --- what becomes of it ---
  Done settle(const std::stop_token& stop);
  Result<std::vector<commands::CommandResult>, std::string> start_all(const std::stop_token& stop);
  Done record();
  Done record_everything(const std::stop_token& stop);

  TriggerServices services_;
  std::map<std::string, std::map<std::string, Known>> known_;  // workspace, id; references to what it holds stay valid
  std::map<std::pair<std::string, std::string>, std::set<std::string>> of_workflow_;  // ids of its triggers
  std::vector<Looked> looked_;
  Evaluations evaluations_;
  Position done_;
  Timestamp awake_since_, looked_last_;
};

}  // namespace flowstone::workers
