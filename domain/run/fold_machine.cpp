#include "domain/run/fold_machine.hpp"

#include <algorithm>
#include <memory>
#include <string>

#include "domain/run.hpp"
#include "domain/run/machine_tables.hpp"

namespace flowstone::domain::run {

namespace {

using asl::EventType;
using schemas::RunStatus;
using schemas::RunStepT;
using schemas::RunT;
using schemas::StepStatus;

// The step of this name, or null where the run has too many to show them all.
RunStepT* step_named(RunT& run, const std::string& name) {
  const auto found =
      std::ranges::find(run.steps, name, [](const auto& step) -> const std::string& { return step->name; });
  if (found != run.steps.end()) return found->get();
  if (run.steps.size() >= Run::kMaxSteps) return nullptr;
  auto step = std::make_unique<RunStepT>();
  step->name = name;
  return run.steps.emplace_back(std::move(step)).get();
}

void begin(RunStepT& step, std::int64_t at) {
  if (step.begun == 0) step.started_at = at;
  ++step.begun;
  ++step.under_way;
  step.status = StepStatus::running;
  step.finished_at.reset();
}

void end(RunStepT& step, StepStatus status, std::int64_t at) {
  if (step.under_way > 0) --step.under_way;
  if (step.under_way > 0) return;
  step.status = status;
  step.finished_at = at;
}

// A failure counts until the step is tried again.
void try_again(RunStepT& step) {
  ++step.retries;
  if (step.failures > 0) --step.failures;
  ++step.under_way;
  step.status = StepStatus::running;
  step.finished_at.reset();
}

void fold_step(RunT& run, EventType type, const std::string& name, const std::string& error, std::int64_t at) {
  using enum EventType;
  const bool fails = type == state_failed || type == task_failed || type == task_timed_out;
  if (!fails && type != state_entered && type != state_exited && type != retry_scheduled) return;
  auto* step = step_named(run, name);
  if (step == nullptr) return;
  if (type == state_entered) begin(*step, at);
  if (type == state_exited) end(*step, StepStatus::completed, at);
  if (fails) {
    ++step->failures;
    step->error = error;
    end(*step, StepStatus::failed, at);
  }
  if (type == retry_scheduled) try_again(*step);
}

bool has_failures(const RunT& run) {
  return std::ranges::any_of(run.steps, [](const auto& step) { return step->failures > 0; });
}

void end_run(RunT& run, RunStatus status, std::int64_t at) {
  run.status = status;
  run.finished_at = at;
  if (run.started_at)
    run.duration_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(at - *run.started_at, 0)) / 1000;
  run.paused = false;
  for (auto& step : run.steps) {
    if (step->under_way == 0) continue;
    step->under_way = 0;
    step->status = StepStatus::failed;
    step->finished_at = at;
  }
}

void fold_run(RunT& run, EventType type, std::int64_t at) {
  using enum EventType;
  if (type == execution_started) {
    run.started_at = at;
    run.status = run.paused ? RunStatus::paused : RunStatus::running;
  }
  if (type == execution_succeeded)
    end_run(run, has_failures(run) ? RunStatus::completed_with_errors : RunStatus::completed, at);
  if (type == execution_failed) end_run(run, RunStatus::failed, at);
  if (type == execution_timed_out) end_run(run, RunStatus::timed_out, at);
  if (type == execution_aborted) end_run(run, RunStatus::cancelled, at);
}

}  // namespace

bool fold_of_machine(RunT& run, const schemas::RunEventUnion& event, const EventMeta& meta) {
  return with_machine_table(event, [&](const auto& table, EventType type) {
    const std::int64_t at = table.at.value_or(meta.time.micros);
    run.last_sequence = std::max(run.last_sequence, table.sequence);
    run.heartbeat_at = meta.time.micros;
    run.due_at = table.due_at;
    run.open_tasks = table.open_tasks.value_or(0);
    std::string error;
    if constexpr (requires { table.error; }) error = table.error;
    if constexpr (requires { table.step; }) fold_step(run, type, table.step, error, at);
    fold_run(run, type, at);
    if (run.finished_at) {
      run.error = error;
      if constexpr (requires { table.cause; }) run.cause = table.cause;
    }
  });
}

}  // namespace flowstone::domain::run
