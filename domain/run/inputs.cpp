#include "domain/run/inputs.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "domain/decision.hpp"
#include "domain/run.hpp"

namespace flowstone::domain::run {

namespace {

using schemas::RunEventInputT;
using schemas::RunEventKind;
using schemas::RunStatus;
using schemas::StepStatus;
using Event = schemas::RunEventUnion;
using Refusal = std::optional<Rejection>;

// As much of a run as decides which input may follow. The views point into the state and the command.
struct Progress {
  explicit Progress(const schemas::RunT& state)
      : started(state.started_at.has_value()),
        ended(state.finished_at.has_value()),
        steps(state.steps.size()),
        artifacts(state.artifacts.size()) {
    for (const auto& step : state.steps) running_by_step[step->name] = step->status == StepStatus::running;
  }

  bool started;
  bool ended;
  std::size_t steps;
  std::size_t artifacts;
  std::unordered_map<std::string_view, bool> running_by_step;  // by name; of several steps of one name, the last
};

Refusal refusal(Rejection::Kind kind, std::string code, std::string field, std::string detail) {
  return Rejection{.kind = kind, .code = std::move(code), .detail = std::move(detail), .field = std::move(field)};
}

Refusal not_valid(std::string field, std::string detail) {
  return refusal(Rejection::Kind::invalid, "invalid_field", std::move(field), std::move(detail));
}

Refusal out_of_order(std::string code, std::string detail) {
  return refusal(Rejection::Kind::conflict, std::move(code), "kind", std::move(detail));
}

// Which fields belong to a kind; all others must not be given.
struct Belongs {
  bool step = false, output = false, exit_code = false, signal = false, error = false, duration_ms = false,
       artifact = false;
};

Belongs fields_of(RunEventKind kind) {
  switch (kind) {
    case RunEventKind::started:
    case RunEventKind::heartbeat:
      return {};
    case RunEventKind::step_started:
      return {.step = true};
    case RunEventKind::step_output:
      return {.step = true, .output = true};
    case RunEventKind::step_finished:
      return {.step = true, .exit_code = true, .signal = true};
    case RunEventKind::artifact:
      return {.artifact = true};
    case RunEventKind::completed:
      return {.exit_code = true, .duration_ms = true};
    case RunEventKind::failed:
      return {.exit_code = true, .signal = true, .error = true, .duration_ms = true};
    case RunEventKind::cancelled:
      return {.exit_code = true, .signal = true, .duration_ms = true};
  }
  return {};
}

Refusal check_fields(const RunEventInputT& input) {
  const Belongs belongs = fields_of(input.kind);
  const std::pair<std::string_view, bool> strays[] = {
      {"step", !belongs.step && !input.step.empty()},
      {"stream", !belongs.output && input.stream != schemas::OutputStream::stdout},
      {"text", !belongs.output && !input.text.empty()},
      {"bytes", !belongs.output && !input.bytes.empty()},
      {"partial", !belongs.output && input.partial},
      {"exit_code", !belongs.exit_code && input.exit_code.has_value()},
      {"signal", !belongs.signal && !input.signal.empty()},
      {"error", !belongs.error && !input.error.empty()},
      {"duration_ms", !belongs.duration_ms && input.duration_ms.has_value()},
      {"artifact", !belongs.artifact && input.artifact != nullptr},
  };
  for (const auto& [field, stray] : strays) {
    if (stray)
      return not_valid(std::string(field), fmt::format("does not belong to kind {}", EnumNameRunEventKind(input.kind)));
  }
  if (belongs.step && input.step.empty()) return not_valid("step", "must name the step");
  if (belongs.artifact && !input.artifact) return not_valid("artifact", "must be given for kind artifact");
  if (!input.text.empty() && !input.bytes.empty()) return not_valid("bytes", "must not be given together with text");
  return {};
}

Refusal check_step(const Progress& progress, const RunEventInputT& input) {
  const auto step = progress.running_by_step.find(input.step);
  const bool known = step != progress.running_by_step.end();
  if (input.kind == RunEventKind::step_started) {
    if (known && step->second)
      return out_of_order("step_running", fmt::format("Step '{}' is running already.", input.step));
    if (progress.steps >= Run::kMaxSteps) {
      return out_of_order("too_many_steps", fmt::format("A run has at most {} steps.", Run::kMaxSteps));
    }
    return {};
  }
  if (!known) return out_of_order("step_not_started", fmt::format("Step '{}' has not been started.", input.step));
  if (!step->second) return out_of_order("step_finished", fmt::format("Step '{}' has finished already.", input.step));
  return {};
}

Refusal check_order(const Progress& progress, const RunEventInputT& input) {
  if (progress.ended) return out_of_order("run_ended", "The run has ended; nothing more can be recorded.");
  if (input.kind == RunEventKind::started) {
    return progress.started ? out_of_order("run_already_started", "The run has been started already.") : Refusal{};
  }
  if (input.kind == RunEventKind::cancelled) return {};
  if (!progress.started)
    return out_of_order("run_not_started", "The run has not been started; record `started` first.");
  if (input.kind == RunEventKind::artifact && progress.artifacts >= Run::kMaxArtifacts) {
    return out_of_order("too_many_artifacts", fmt::format("A run has at most {} artifacts.", Run::kMaxArtifacts));
  }
  return fields_of(input.kind).step ? check_step(progress, input) : Refusal{};
}

void advance(Progress& progress, const RunEventInputT& input) {
  switch (input.kind) {
    case RunEventKind::started:
      progress.started = true;
      break;
    case RunEventKind::step_started:
      ++progress.steps;
      progress.running_by_step[input.step] = true;
      break;
    case RunEventKind::step_finished:
      progress.running_by_step[input.step] = false;
      break;
    case RunEventKind::artifact:
      ++progress.artifacts;
      break;
    case RunEventKind::completed:
    case RunEventKind::failed:
    case RunEventKind::cancelled:
      progress.ended = true;
      break;
    case RunEventKind::step_output:
    case RunEventKind::heartbeat:
      break;
  }
}

// An event with those of the input's fields that it has.
template <class Table>
Event event_of(const RunEventInputT& input) {
  Table table;
  table.sequence = input.sequence;
  table.at = input.at;
  if constexpr (requires { table.step; }) table.step = input.step;
  if constexpr (requires { table.stream; }) {
    table.stream = input.stream;
    table.text = input.text;
    table.bytes = input.bytes;
    table.partial = input.partial;
  }
  if constexpr (requires { table.exit_code; }) table.exit_code = input.exit_code;
  if constexpr (requires { table.signal; }) table.signal = input.signal;
  if constexpr (requires { table.error; }) table.error = input.error;
  if constexpr (requires { table.duration_ms; }) table.duration_ms = input.duration_ms;
  if constexpr (requires { table.artifact; }) table.artifact = std::make_unique<schemas::RunArtifactT>(*input.artifact);
  Event event;
  event.Set(std::move(table));
  return event;
}

Event event_of(const RunEventInputT& input) {
  switch (input.kind) {
    case RunEventKind::started:
      return event_of<schemas::RunStartedT>(input);
    case RunEventKind::step_started:
      return event_of<schemas::RunStepStartedT>(input);
    case RunEventKind::step_output:
      return event_of<schemas::RunStepOutputT>(input);
    case RunEventKind::step_finished:
      return event_of<schemas::RunStepFinishedT>(input);
    case RunEventKind::artifact:
      return event_of<schemas::RunArtifactRecordedT>(input);
    case RunEventKind::heartbeat:
      return event_of<schemas::RunHeartbeatT>(input);
    case RunEventKind::completed:
      return event_of<schemas::RunCompletedT>(input);
    case RunEventKind::failed:
      return event_of<schemas::RunFailedT>(input);
    case RunEventKind::cancelled:
      return event_of<schemas::RunCancelledT>(input);
  }
  return {};
}

}  // namespace

Decision<Event> take(const schemas::RunT& state, const schemas::RecordRunEventsT& command) {
  Progress progress(state);
  std::uint64_t last_sequence = state.last_sequence;
  std::vector<Event> events;
  events.reserve(command.events.size());
  for (std::size_t i = 0; i < command.events.size(); ++i) {
    const RunEventInputT& input = *command.events[i];
    if (input.sequence <= last_sequence) continue;
    const auto at = [i](std::string_view field) { return fmt::format("events[{}].{}", i, field); };
    if (input.sequence != last_sequence + 1) {
      return conflict("sequence_gap",
                      fmt::format("The next sequence must be {}, not {}.", last_sequence + 1, input.sequence),
                      at("sequence"));
    }
    Refusal refused = check_fields(input);
    if (!refused) refused = check_order(progress, input);
    if (refused) {
      refused->field = at(refused->field);
      return failure(*std::move(refused));
    }
    advance(progress, input);
    events.push_back(event_of(input));
    last_sequence = input.sequence;
  }
  return events;
}

}  // namespace flowstone::domain::run
