#include "domain/run.hpp"

#include "domain/decision.hpp"
#include "domain/run/inputs.hpp"
#include "domain/run/machine.hpp"

namespace flowstone::domain {

namespace {

using schemas::RunCommand;
using schemas::RunStatus;
using schemas::RunT;
using Event = Run::Event;

bool has_ended(const RunT& run) { return run.finished_at.has_value(); }
bool is_workflow(const RunT& run) { return !run.workflow_id.empty(); }

auto not_a_workflow() {
  return conflict("no_workflow", "The run is recorded from outside; only a workflow's run can do this.");
}
auto ended() { return conflict("run_ended", "The run has ended."); }

Decision<Event> create(const RunT* state, const schemas::CreateRunT& command) {
  if (state) return conflict("run_exists", "A run with this id exists already; leave the id out to get a fresh one.");
  schemas::RunRequestedT requested;
  requested.name = command.name;
  requested.kind = command.kind;
  requested.command = command.command;
  requested.working_directory = command.working_directory;
  requested.host = command.host;
  requested.labels = command.labels;
  requested.heartbeat_timeout_ms = command.heartbeat_timeout_ms;
  return record<Event>(std::move(requested));
}

Decision<Event> request(const RunT* state, const schemas::RequestRunT& command) {
  if (state) return conflict("run_exists", "A run with this id exists already; leave the id out to get a fresh one.");
  return record<Event>(requested_by(command));
}

Decision<Event> cancel(const RunT& state, const schemas::CancelRunT& command) {
  if (state.status == RunStatus::cancelled) return record<Event>();
  if (has_ended(state)) return conflict("run_ended", "The run has ended; there is nothing left to cancel.");
  if (state.cancel_requested) return record<Event>();
  schemas::RunCancelRequestedT asked;
  asked.reason = command.reason;
  if (state.status != RunStatus::requested) return record<Event>(std::move(asked));
  return record<Event>(std::move(asked), schemas::RunCancelledT{});
}

Decision<Event> record_events(const RunT& state, const schemas::RecordRunEventsT& command) {
  if (is_workflow(state)) {
    return conflict("workflow_run", "The server carries this run out itself; nothing can be recorded from outside.");
  }
  return run::take(state, command);
}

Decision<Event> advance(const RunT& state, const schemas::AdvanceRunT& command) {
  if (!is_workflow(state)) return not_a_workflow();
  if (has_ended(state)) return ended();
  return run::advance(state, command);
}

Decision<Event> pause(const RunT& state, const schemas::PauseRunT& command) {
  if (!is_workflow(state)) return not_a_workflow();
  if (has_ended(state)) return ended();
  if (state.paused) return record<Event>();
  schemas::RunPausedT paused;
  paused.reason = command.reason;
  return record<Event>(std::move(paused));
}

Decision<Event> resume(const RunT& state) {
  if (!is_workflow(state)) return not_a_workflow();
  if (has_ended(state)) return ended();
  if (!state.paused) return record<Event>();
  return record<Event>(schemas::RunResumedT{});
}

Decision<Event> signal(const RunT& state, const schemas::SignalRunT& command) {
  if (!is_workflow(state)) return not_a_workflow();
  if (has_ended(state)) return ended();
  schemas::RunSignalledT said;
  said.name = command.name;
  said.payload = command.payload;
  return record<Event>(std::move(said));
}

Decision<Event> lose(const RunT& state, const schemas::LoseRunT& command) {
  if (is_workflow(state) || state.status != RunStatus::running || state.revision != command.seen_revision)
    return record<Event>();
  schemas::RunLostT lost;
  lost.last_heard_at = state.heartbeat_at;
  return record<Event>(std::move(lost));
}

}  // namespace

Decision<Run::Event> Run::decide(const State* state, const Command& command, const Context&) {
  if (const auto* create_run = command.AsCreateRun()) return create(state, *create_run);
  if (const auto* request_run = command.AsRequestRun()) return request(state, *request_run);
  if (!state) return not_found("run_not_found", "There is no run with this id.");
  switch (command.type) {
    case RunCommand::RecordRunEvents:
      return record_events(*state, *command.AsRecordRunEvents());
    case RunCommand::CancelRun:
      return cancel(*state, *command.AsCancelRun());
    case RunCommand::LoseRun:
      return lose(*state, *command.AsLoseRun());
    case RunCommand::AdvanceRun:
      return advance(*state, *command.AsAdvanceRun());
    case RunCommand::PauseRun:
      return pause(*state, *command.AsPauseRun());
    case RunCommand::ResumeRun:
      return resume(*state);
    case RunCommand::SignalRun:
      return signal(*state, *command.AsSignalRun());
    case RunCommand::CreateRun:
    case RunCommand::RequestRun:
    case RunCommand::NONE:
      break;
  }
  return record<Event>();
}

}  // namespace flowstone::domain
