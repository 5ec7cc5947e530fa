#include "commands/triggered_run.hpp"

#include <memory>

#include <fmt/core.h>

#include "commands/command_error.hpp"
#include "commands/run_request.hpp"
#include "domain/trigger.hpp"
#include "jsonata/json_text.hpp"
#include "schemas/packed.hpp"

namespace flowstone::commands {
namespace {

constexpr std::size_t kMostInput = 256U << 10U;

schemas::RunTriggerKind kind_of(schemas::TriggerKind kind) {
  switch (kind) {
    case schemas::TriggerKind::schedule:
      return schemas::RunTriggerKind::schedule;
    case schemas::TriggerKind::webhook:
      return schemas::RunTriggerKind::webhook;
    case schemas::TriggerKind::event:
      break;
  }
  return schemas::RunTriggerKind::event;
}

}  // namespace

Result<std::string, InputRefusal> input_of(const workflows::StartRule& rule, const workflows::InputSchema* inputs,
                                           const jsonata::Value& over, const jsonata::Value& otherwise,
                                           const jsonata::Context& context) {
  jsonata::Value input = otherwise;
  if (rule.input) {
    auto filled = rule.input->fill(over, context);
    if (!filled) return failure(InputRefusal{"input_failed", std::move(filled.error())});
    input = *std::move(filled);
  }
  if (inputs != nullptr) {
    input = inputs->with_defaults(input);
    const auto misfits = inputs->check(input);
    if (!misfits.empty())
      return failure(
          InputRefusal{"invalid_input", fmt::format("`{}`: {}", misfits.front().path, misfits.front().sentence)});
  }
  auto text = jsonata::write_json(input, kMostInput);
  if (!text)
    return failure(InputRefusal{"input_too_large", fmt::format("The input has more than {} bytes.", kMostInput)});
  return *std::move(text);
}

Command run_request_of(std::string workspace, const schemas::TriggerT& trigger, const StartCause& cause,
                       std::string input) {
  schemas::RequestRunT request;
  request.workflow_id = trigger.workflow_id;
  request.workflow_version = trigger.workflow_version;
  request.workflow_revision = trigger.workflow_revision;
  request.name = trigger.workflow_name;
  request.input = std::move(input);
  request.depth = cause.depth;
  request.trigger = std::make_unique<schemas::RunTriggerT>();
  request.trigger->kind = kind_of(trigger.kind);
  request.trigger->id = trigger.name;
  if (cause.position) request.trigger->position = cause.position->value;
  if (cause.due_at) request.trigger->due_at = cause.due_at->micros;
  auto command = command_of(std::move(workspace), domain::triggered_run_id(trigger.id, cause.key),
                            fmt::format("trigger:{}", trigger.id), request);
  command.causation = cause.causation;
  return command;
}

std::function<double()> chance_of(std::uint64_t seed) {
  return [state = seed * 0x9E3779B97F4A7C15ULL]() mutable {
    state ^= state >> 30U;
    state *= 0xBF58476D1CE4E5B9ULL;
    state ^= state >> 27U;
    state += 0x9E3779B97F4A7C15ULL;
    return static_cast<double>(state >> 11U) * 0x1.0p-53;
  };
}

std::optional<StartVerdict> verdict_of(const CommandResult& result) {
  using Code = CommandError::Code;
  using schemas::EvaluationOutcome;
  if (result) return StartVerdict{};
  const auto& error = result.error();
  switch (error.code) {
    case Code::rejected:
    case Code::missing_reference:
    case Code::duplicate_value:
      break;
    case Code::too_large:
      return StartVerdict{EvaluationOutcome::failed, "input_too_large", "The run's input is too large for an append."};
    case Code::revision_mismatch:
    case Code::command_id_reused:
    case Code::in_progress:
    case Code::contended:
    case Code::busy:
    case Code::stopped:
    case Code::storage_failed:
    case Code::outcome_unknown:
      return std::nullopt;
  }
  const auto& rejection = error.rejection;
  if (rejection.code == "run_exists") return StartVerdict{};
  const bool full = rejection.code == "concurrency_limit";
  return StartVerdict{full ? EvaluationOutcome::skipped : EvaluationOutcome::failed, rejection.code, rejection.detail};
}

Command evaluation_of(std::string workspace, std::string trigger_id, std::string actor,
                      const schemas::RecordTriggerEvaluationT& evaluation) {
  Command command;
  command.aggregate = domain::find_aggregate_type("trigger");
  command.command = command.aggregate->contract().find_command("record_trigger_evaluation");
  command.workspace = std::move(workspace);
  command.id = std::move(trigger_id);
  command.actor = std::move(actor);
  command.body = schemas::pack(evaluation);
  if (evaluation.position) command.causation = std::to_string(*evaluation.position);
  return command;
}

}  // namespace flowstone::commands
