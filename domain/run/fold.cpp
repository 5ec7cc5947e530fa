#include <memory>
#include <string_view>

#include "domain/run.hpp"
#include "domain/run/fold_machine.hpp"
#include "domain/run/machine_tables.hpp"

namespace flowstone::domain {

namespace {

using schemas::RunStatus;
using schemas::RunStepT;
using schemas::RunT;
using schemas::StepStatus;

std::uint64_t printed_bytes(const schemas::RunStepOutputT& output) {
  if (output.bytes.empty()) return output.text.size();
  const auto padding = output.bytes.size() - (output.bytes.find_last_not_of('=') + 1);
  return output.bytes.size() / 4 * 3 - padding;
}

RunStepT* last_step(RunT& run, std::string_view name) {
  for (auto step = run.steps.rbegin(); step != run.steps.rend(); ++step) {
    if ((*step)->name == name) return step->get();
  }
  return nullptr;
}

// Everything that a recorder sends is a sign of life and counts in its sequence. When it happened, by the recorder's
// clock.
template <class Table>
std::int64_t hear(RunT& run, const Table& table, const EventMeta& meta) {
  if (table.sequence > run.last_sequence) {
    run.last_sequence = table.sequence;
    run.heartbeat_at = meta.time.micros;
    if (run.status == RunStatus::lost) run.status = RunStatus::running;
  }
  return table.at.value_or(meta.time.micros);
}

// The server carries a workflow out itself: it has no timeout, and is never lost.
void expect_word(RunT& run) {
  run.lost_at.reset();
  if (run.status != RunStatus::running || run.heartbeat_timeout_ms == 0) return;
  run.lost_at = run.heartbeat_at.value_or(run.requested_at) + std::int64_t{run.heartbeat_timeout_ms} * 1000;
}

void request(RunT& run, const schemas::RunRequestedT& requested, const EventMeta& meta) {
  run.name = requested.name;
  run.kind = requested.kind;
  run.command = requested.command;
  run.working_directory = requested.working_directory;
  run.host = requested.host;
  run.labels = requested.labels;
  run.heartbeat_timeout_ms = requested.heartbeat_timeout_ms;
  run.requested_at = meta.time.micros;
  run.workflow_id = requested.workflow_id;
  run.workflow_version = requested.workflow_version;
  if (requested.trigger) run.trigger = std::make_unique<schemas::RunTriggerT>(*requested.trigger);
  run.parent_run_id = requested.parent_run_id;
  run.forked_from = requested.forked_from;
  run.forked_sequence = requested.forked_sequence;
  run.depth = requested.depth.value_or(0);
}

void start_step(RunT& run, const schemas::RunStepStartedT& started, std::int64_t at) {
  auto step = std::make_unique<RunStepT>();
  step->name = started.step;
  step->started_at = at;
  run.steps.push_back(std::move(step));
}

void print(RunT& run, const schemas::RunStepOutputT& output) {
  run.output_bytes += printed_bytes(output);
  if (output.partial) return;
  ++run.output_lines;
  if (auto* step = last_step(run, output.step)) ++step->output_lines;
}

void finish_step(RunT& run, const schemas::RunStepFinishedT& finished, std::int64_t at) {
  auto* step = last_step(run, finished.step);
  if (!step) return;
  const bool failed = finished.exit_code.value_or(0) != 0 || !finished.signal.empty();
  step->status = failed ? StepStatus::failed : StepStatus::completed;
  step->finished_at = at;
  step->exit_code = finished.exit_code;
}

// A step that still runs when the run ends has ended with it, and as it did.
template <class Table>
void end(RunT& run, RunStatus status, const Table& table, std::int64_t at) {
  run.status = status;
  run.finished_at = at;
  run.exit_code = table.exit_code;
  run.duration_ms = table.duration_ms;
  if constexpr (requires { table.signal; }) run.signal = table.signal;
  if constexpr (requires { table.error; }) run.error = table.error;
  for (auto& step : run.steps) {
    if (step->status != StepStatus::running) continue;
    step->status = status == RunStatus::completed ? StepStatus::completed : StepStatus::failed;
    step->finished_at = at;
  }
}

void fold(RunT& run, const schemas::RunRequestedT& requested, const EventMeta& meta) { request(run, requested, meta); }

void fold(RunT& run, const schemas::RunStartedT& started, const EventMeta& meta) {
  run.started_at = hear(run, started, meta);
  run.status = RunStatus::running;
}

void fold(RunT& run, const schemas::RunStepStartedT& started, const EventMeta& meta) {
  start_step(run, started, hear(run, started, meta));
}

void fold(RunT& run, const schemas::RunStepOutputT& output, const EventMeta& meta) {
  hear(run, output, meta);
  print(run, output);
}

void fold(RunT& run, const schemas::RunStepFinishedT& finished, const EventMeta& meta) {
  finish_step(run, finished, hear(run, finished, meta));
}

void fold(RunT& run, const schemas::RunArtifactRecordedT& recorded, const EventMeta& meta) {
  hear(run, recorded, meta);
  if (recorded.artifact) run.artifacts.push_back(std::make_unique<schemas::RunArtifactT>(*recorded.artifact));
}

void fold(RunT& run, const schemas::RunHeartbeatT& heartbeat, const EventMeta& meta) { hear(run, heartbeat, meta); }

void fold(RunT& run, const schemas::RunCompletedT& completed, const EventMeta& meta) {
  end(run, RunStatus::completed, completed, hear(run, completed, meta));
}

void fold(RunT& run, const schemas::RunFailedT& failed, const EventMeta& meta) {
  end(run, RunStatus::failed, failed, hear(run, failed, meta));
}

void fold(RunT& run, const schemas::RunCancelRequestedT&, const EventMeta&) { run.cancel_requested = true; }

void fold(RunT& run, const schemas::RunCancelledT& cancelled, const EventMeta& meta) {
  end(run, RunStatus::cancelled, cancelled, hear(run, cancelled, meta));
}

void fold(RunT& run, const schemas::RunLostT&, const EventMeta&) { run.status = RunStatus::lost; }

void fold(RunT& run, const schemas::RunPausedT&, const EventMeta&) {
  run.paused = true;
  if (run.status == RunStatus::running) run.status = RunStatus::paused;
}

void fold(RunT& run, const schemas::RunResumedT&, const EventMeta&) {
  run.paused = false;
  if (run.status == RunStatus::paused) run.status = RunStatus::running;
}

// A signal is for the run's tasks; all others are of a machine.
using FoldedTables =
    run::TableList<schemas::RunRequestedT, schemas::RunStartedT, schemas::RunStepStartedT, schemas::RunStepOutputT,
                   schemas::RunStepFinishedT, schemas::RunArtifactRecordedT, schemas::RunHeartbeatT,
                   schemas::RunCompletedT, schemas::RunFailedT, schemas::RunCancelRequestedT, schemas::RunCancelledT,
                   schemas::RunLostT, schemas::RunPausedT, schemas::RunResumedT>;

}  // namespace

void Run::evolve(State& into, const Event& event, const EventMeta& meta) {
  if (!into.workflow_id.empty() && run::fold_of_machine(into, event, meta)) return;
  run::with_table(FoldedTables{}, event, [&](const auto& table, std::uint8_t) { fold(into, table, meta); });
  expect_word(into);
}

}  // namespace flowstone::domain
