#include "domain/run.hpp"

#include "domain/decision.hpp"
#include "domain/run/inputs.hpp"

namespace flowstone::domain {

namespace {

using schemas::RunCommand;
using schemas::RunStatus;
using schemas::RunT;
using Event = Run::Event;

bool has_ended(RunStatus status) {
  return status == RunStatus::completed || status == RunStatus::failed || status == RunStatus::cancelled;
}

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

Decision<Event> cancel(const RunT& state, const schemas::CancelRunT& command) {
  if (state.status == RunStatus::cancelled) return record<Event>();
  if (has_ended(state.status)) return conflict("run_ended", "The run has ended; there is nothing left to cancel.");
  if (state.cancel_requested) return record<Event>();
  schemas::RunCancelRequestedT asked;
  asked.reason = command.reason;
  if (state.status != RunStatus::requested) return record<Event>(std::move(asked));
  return record<Event>(std::move(asked), schemas::RunCancelledT{});
}

Decision<Event> lose(const RunT& state, const schemas::LoseRunT& command) {
  if (state.status != RunStatus::running || state.revision != command.seen_revision) return record<Event>();
  schemas::RunLostT lost;
  lost.last_heard_at = state.heartbeat_at;
  return record<Event>(std::move(lost));
}

}  // namespace

Decision<Run::Event> Run::decide(const State* state, const Command& command, const Context&) {
  if (const auto* create_run = command.AsCreateRun()) return create(state, *create_run);
  if (!state) return not_found("run_not_found", "There is no run with this id.");
  switch (command.type) {
    case RunCommand::RecordRunEvents:
      return run::take(*state, *command.AsRecordRunEvents());
    case RunCommand::CancelRun:
      return cancel(*state, *command.AsCancelRun());
    case RunCommand::LoseRun:
      return lose(*state, *command.AsLoseRun());
    case RunCommand::CreateRun:
    case RunCommand::NONE:
      break;
  }
  return record<Event>();
}

}  // namespace flowstone::domain
