#include <memory>
#include <string_view>

#include "domain/run.hpp"

namespace flowstone::domain {

namespace {

using schemas::RunEvent;
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

void request(RunT& run, const schemas::RunRequestedT& requested, const EventMeta& meta) {
  run.name = requested.name;
  run.kind = requested.kind;
  run.command = requested.command;
  run.working_directory = requested.working_directory;
  run.host = requested.host;
  run.labels = requested.labels;
  run.heartbeat_timeout_ms = requested.heartbeat_timeout_ms;
  run.requested_at = meta.time.micros;
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

}  // namespace

void Run::evolve(State& into, const Event& event, const EventMeta& meta) {
  switch (event.type) {
    case RunEvent::RunRequested:
      request(into, *event.AsRunRequested(), meta);
      break;
    case RunEvent::RunStarted:
      into.started_at = hear(into, *event.AsRunStarted(), meta);
      into.status = RunStatus::running;
      break;
    case RunEvent::RunStepStarted: {
      const auto at = hear(into, *event.AsRunStepStarted(), meta);
      start_step(into, *event.AsRunStepStarted(), at);
      break;
    }
    case RunEvent::RunStepOutput:
      hear(into, *event.AsRunStepOutput(), meta);
      print(into, *event.AsRunStepOutput());
      break;
    case RunEvent::RunStepFinished: {
      const auto at = hear(into, *event.AsRunStepFinished(), meta);
      finish_step(into, *event.AsRunStepFinished(), at);
      break;
    }
    case RunEvent::RunArtifactRecorded:
      hear(into, *event.AsRunArtifactRecorded(), meta);
      if (const auto& artifact = event.AsRunArtifactRecorded()->artifact) {
        into.artifacts.push_back(std::make_unique<schemas::RunArtifactT>(*artifact));
      }
      break;
    case RunEvent::RunHeartbeat:
      hear(into, *event.AsRunHeartbeat(), meta);
      break;
    case RunEvent::RunCompleted: {
      const auto at = hear(into, *event.AsRunCompleted(), meta);
      end(into, RunStatus::completed, *event.AsRunCompleted(), at);
      break;
    }
    case RunEvent::RunFailed: {
      const auto at = hear(into, *event.AsRunFailed(), meta);
      end(into, RunStatus::failed, *event.AsRunFailed(), at);
      break;
    }
    case RunEvent::RunCancelRequested:
      into.cancel_requested = true;
      break;
    case RunEvent::RunCancelled: {
      const auto at = hear(into, *event.AsRunCancelled(), meta);
      end(into, RunStatus::cancelled, *event.AsRunCancelled(), at);
      break;
    }
    case RunEvent::RunLost:
      into.status = RunStatus::lost;
      break;
    case RunEvent::NONE:
      break;
  }
}

}  // namespace flowstone::domain
