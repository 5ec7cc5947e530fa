#include "asl/machine.hpp"

#include <array>

#include <fmt/core.h>

#include "asl/decider.hpp"

namespace flowstone::asl {
namespace {

// One of these decides where several branches could go on: time first, then whichever rested longest.
const Branch* due_branch(const Run& run, Timestamp now) {
  const auto& timers = run.timers();
  if (timers.empty() || timers.begin()->first > now) return nullptr;
  return run.find(timers.begin()->second);
}

// The branch whose task is out and meant; null if it is not.
const Branch* reported_on(const Run& run, const TaskReport& report) {
  const auto is_meant = [&](const Branch& branch) {
    return branch.phase == Phase::working && branch.task.attempt == report.attempt &&
           (!report.entered || branch.entered == *report.entered);
  };
  if (report.entered && report.state.empty()) {
    for (const auto& [path, branch] : run.branches())
      if (is_meant(branch)) return &branch;
    return nullptr;
  }
  const auto* branch = run.find(report.path);
  return branch != nullptr && is_meant(*branch) && branch->state->name == report.state ? branch : nullptr;
}

Event end(EventType type, std::optional<std::string> error, std::optional<std::string> cause, Timestamp now) {
  Event out;
  out.type = type;
  out.time = now;
  out.error = std::move(error);
  out.cause = std::move(cause);
  return out;
}

}  // namespace

Event start(const Value& input, const StartOptions& options, Timestamp now) {
  Event out;
  out.time = now;
  out.input = input;
  out.options = Value::object({{"id", Value::string(options.id)},
                               {"name", Value::string(options.name)},
                               {"role", Value::string(options.role)},
                               {"machine_id", Value::string(options.machine_id)},
                               {"machine_name", Value::string(options.machine_name)},
                               {"seed", Value::number(static_cast<double>(options.seed & kMaxSeed))}});
  return out;
}

std::optional<Event> next(const Run& run, Timestamp now, const RunLimits& limits) {
  if (run.status() != Status::running) return std::nullopt;
  if (run.timeout() && *run.timeout() <= now)
    return end(EventType::execution_timed_out, std::nullopt, std::nullopt, now);
  const auto* late = due_branch(run, now);
  if (late == nullptr && run.ready().empty()) return std::nullopt;
  if (run.events() >= limits.events)
    return end(EventType::execution_failed, "States.Runtime",
               fmt::format("The execution reached the maximum number of history events ({}).", limits.events), now);
  if (late != nullptr) return Decider(run, *late, now, limits).fire();
  for (const auto& [touched, path] : run.ready())
    if (auto event = Decider(run, *run.find(path), now, limits).decide()) return event;
  return std::nullopt;
}

Result<Event, std::string> report(const Run& run, const TaskReport& report, Timestamp now) {
  const auto* branch = reported_on(run, report);
  if (branch == nullptr)
    return failure(report.state.empty()
                       ? fmt::format("attempt {} of this task is not out", report.attempt)
                       : fmt::format("attempt {} of the task '{}' is not out", report.attempt, report.state));
  using enum EventType;
  constexpr std::array kTypes{task_started, task_submitted, task_heartbeat, task_succeeded, task_failed};
  Event out;
  out.type = kTypes[static_cast<std::size_t>(report.kind)];
  out.time = now;
  out.path = branch->path;
  out.state = branch->state->name;
  out.attempt = report.attempt;
  if (!report.worker.empty()) out.options = Value::object({{"worker", Value::string(report.worker)}});
  out.output = report.output;
  out.error = report.error;
  out.cause = report.cause;
  if (report.kind == TaskReport::Kind::heartbeat && branch->task.heartbeat)
    out.until = later(now, branch->task.heartbeat_seconds);
  if (report.kind == TaskReport::Kind::succeeded && exceeds(report.output, kMaxPayloadBytes)) {
    out.type = task_failed;
    out.output = {};
    out.error = "States.DataLimitExceeded";
    out.cause = fmt::format(
        "The state/task '{}' returned a result with a size exceeding the maximum number of bytes service limit.",
        out.state);
  }
  return out;
}

Event abort(std::optional<std::string> error, std::optional<std::string> cause, Timestamp now) {
  return end(EventType::execution_aborted, std::move(error), std::move(cause), now);
}

}  // namespace flowstone::asl
