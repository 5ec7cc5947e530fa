#include "domain/trigger.hpp"

#include <algorithm>
#include <utility>

#include "base/uuid.hpp"
#include "domain/decision.hpp"
#include "jsonata/json_text.hpp"

namespace flowstone::domain {
namespace {

using schemas::EvaluationOutcome;
using schemas::TriggerCommand;
using schemas::TriggerEvent;
using schemas::TriggerKind;
using schemas::TriggerStatus;
using schemas::TriggerT;
using Event = Trigger::Event;

using Time = flatbuffers::Optional<std::int64_t>;

Time when(const std::optional<Timestamp>& time) { return time ? Time(time->micros) : Time(flatbuffers::nullopt); }

std::optional<workflows::StartRule> read_rule(const std::string& definition) {
  const auto value = jsonata::read_json(definition);
  if (!value) return std::nullopt;
  auto rule = workflows::read_start_rule(*value);
  if (!rule) return std::nullopt;
  return *std::move(rule);
}

// The time from which a schedule counts, and when it is due first.
template <class Recorded>
void count_anew(const std::string& definition, std::int64_t from, Recorded& recorded) {
  const auto rule = read_rule(definition);
  if (!rule || rule->kind != workflows::StartKind::schedule) return;
  recorded.due_after = from;
  recorded.next_due_at = when(next_due(*rule, Timestamp{from}, Timestamp{from}));
}

// A schedule counts anew where its times are others now.
bool has_other_times(const std::string& before, const std::string& after) {
  const auto old_rule = read_rule(before), new_rule = read_rule(after);
  return !old_rule || !new_rule || old_rule->rule != new_rule->rule || old_rule->zone.name() != new_rule->zone.name();
}

Decision<Event> sync(const TriggerT* state, const schemas::SyncTriggerT& command) {
  if (state == nullptr) {
    schemas::TriggerCreatedT created;
    created.workflow_id = command.workflow_id;
    created.workflow_version = command.workflow_version;
    created.workflow_revision = command.workflow_revision;
    created.workflow_name = command.workflow_name;
    created.name = command.name;
    created.kind = command.kind;
    created.definition = command.definition;
    created.position = command.position;
    count_anew(command.definition, command.at, created);
    return record<Event>(std::move(created));
  }
  const bool gone = state->status == TriggerStatus::removed;
  const bool older = command.position < state->from_position;
  const bool same = command.workflow_version == state->workflow_version && command.definition == state->definition;
  if (older || (same && !gone)) return record<Event>();
  schemas::TriggerChangedT changed;
  changed.workflow_version = command.workflow_version;
  changed.workflow_revision = command.workflow_revision;
  changed.workflow_name = command.workflow_name;
  changed.kind = command.kind;
  changed.definition = command.definition;
  changed.position = command.position;
  if (gone || has_other_times(state->definition, command.definition))
    count_anew(command.definition, command.at, changed);
  return record<Event>(std::move(changed));
}

Decision<Event> pause(const TriggerT& state, const schemas::PauseTriggerT& command) {
  if (state.status == TriggerStatus::paused) return record<Event>();
  if (state.status == TriggerStatus::removed)
    return conflict("trigger_removed", "The workflow has this trigger no more; there is nothing to pause.");
  schemas::TriggerPausedT paused;
  paused.reason = command.reason;
  return record<Event>(std::move(paused));
}

Decision<Event> resume(const TriggerT& state, const Context& context) {
  if (state.status == TriggerStatus::enabled) return record<Event>();
  if (state.status == TriggerStatus::removed)
    return conflict("trigger_removed", "The workflow has this trigger no more; publish a version that does.");
  schemas::TriggerResumedT resumed;
  const auto rule = rule_of(state);
  if (rule && rule->kind == workflows::StartKind::schedule) {
    resumed.due_after = context.now.micros;
    resumed.next_due_at = when(next_due(*rule, Timestamp{state.anchor_at.value_or(0)}, context.now));
  }
  return record<Event>(std::move(resumed));
}

Decision<Event> rotate(const TriggerT& state, const schemas::RotateTriggerWebhookT& command) {
  if (state.kind != TriggerKind::webhook)
    return conflict("not_a_webhook", "This trigger is no webhook: it has neither an address nor a secret.");
  schemas::TriggerWebhookRotatedT rotated;
  rotated.generation = state.webhook_generation + 1;
  rotated.reason = command.reason;
  return record<Event>(std::move(rotated));
}

bool is_known(const TriggerT& state, const schemas::RecordTriggerEvaluationT& command) {
  if (command.position) return state.last_evaluated_position && *command.position <= *state.last_evaluated_position;
  if (command.due_at) return state.due_after && *command.due_at <= *state.due_after;
  return !command.run_id.empty() && command.run_id == state.last_run_id;
}

Decision<Event> evaluated(const TriggerT& state, const schemas::RecordTriggerEvaluationT& command) {
  if (is_known(state, command)) return record<Event>();
  schemas::TriggerEvaluatedT recorded;
  recorded.outcome = command.outcome;
  recorded.count = std::max<std::uint64_t>(command.count, 1);
  recorded.first_position = command.first_position;
  recorded.position = command.position;
  recorded.first_due_at = command.first_due_at;
  recorded.due_at = command.due_at;
  recorded.event_type = command.event_type;
  recorded.run_id = command.run_id;
  recorded.reason = command.reason;
  recorded.detail = command.detail;
  recorded.condition = command.condition;
  const auto rule = rule_of(state);
  if (command.due_at && rule && rule->kind == workflows::StartKind::schedule) {
    recorded.next_due_at = when(next_due(*rule, Timestamp{state.anchor_at.value_or(0)}, Timestamp{*command.due_at}));
  }
  return record<Event>(std::move(recorded));
}

// --- folding ---

template <class Recorded>
void take_version(TriggerT& into, const Recorded& recorded) {
  into.workflow_version = recorded.workflow_version;
  into.workflow_revision = recorded.workflow_revision;
  into.workflow_name = recorded.workflow_name;
  into.kind = recorded.kind;
  into.definition = recorded.definition;
  into.from_position = recorded.position;
  into.status = into.status == TriggerStatus::paused ? TriggerStatus::paused : TriggerStatus::enabled;
  if (recorded.kind != TriggerKind::schedule) {
    into.next_due_at = into.due_after = into.anchor_at = flatbuffers::nullopt;
  } else if (recorded.due_after) {
    into.due_after = into.anchor_at = recorded.due_after;
    into.next_due_at = recorded.next_due_at;
  }
}

std::uint64_t& counter_of(TriggerT& into, EvaluationOutcome outcome) {
  switch (outcome) {
    case EvaluationOutcome::started:
      return into.started;
    case EvaluationOutcome::skipped:
      return into.skipped;
    case EvaluationOutcome::missed:
      return into.missed;
    case EvaluationOutcome::failed:
      break;
  }
  return into.failed;
}

void fold_evaluation(TriggerT& into, const schemas::TriggerEvaluatedT& recorded, const EventMeta& meta) {
  counter_of(into, recorded.outcome) += recorded.count;
  into.last_outcome = recorded.outcome;
  into.last_evaluated_at = meta.time.micros;
  if (!recorded.run_id.empty()) into.last_run_id = recorded.run_id;
  if (recorded.position) into.last_evaluated_position = recorded.position;
  if (!recorded.due_at) return;
  into.last_due_at = into.due_after = recorded.due_at;
  into.next_due_at = recorded.next_due_at;
}

}  // namespace

std::string trigger_id(std::string_view workspace, std::string_view workflow_id, std::string_view name) {
  return derived_uuid({"trigger\n", workspace, "\n", workflow_id, "\n", name});
}

std::string triggered_run_id(std::string_view trigger_id, std::string_view cause) {
  return derived_uuid({"run\n", trigger_id, "\n", cause});
}

std::optional<workflows::StartRule> rule_of(const TriggerT& trigger) { return read_rule(trigger.definition); }

std::optional<Timestamp> next_due(const workflows::StartRule& rule, Timestamp anchor, Timestamp after) {
  if (rule.kind != workflows::StartKind::schedule) return std::nullopt;
  return rule.schedule(anchor).next(after);
}

Decision<Trigger::Event> Trigger::decide(const State* state, const Command& command, const Context& context) {
  if (const auto* sync_trigger = command.AsSyncTrigger()) return sync(state, *sync_trigger);
  if (!state) return not_found("trigger_not_found", "There is no trigger with this id.");
  switch (command.type) {
    case TriggerCommand::RemoveTrigger:
      return state->status == TriggerStatus::removed ? record<Event>() : record<Event>(schemas::TriggerRemovedT{});
    case TriggerCommand::PauseTrigger:
      return pause(*state, *command.AsPauseTrigger());
    case TriggerCommand::ResumeTrigger:
      return resume(*state, context);
    case TriggerCommand::RecordTriggerEvaluation:
      return evaluated(*state, *command.AsRecordTriggerEvaluation());
    case TriggerCommand::RotateTriggerWebhook:
      return rotate(*state, *command.AsRotateTriggerWebhook());
    case TriggerCommand::SyncTrigger:
    case TriggerCommand::NONE:
      break;
  }
  return record<Event>();
}

void Trigger::evolve(State& into, const Event& event, const EventMeta& meta) {
  switch (event.type) {
    case TriggerEvent::TriggerCreated: {
      const auto& created = *event.AsTriggerCreated();
      into.workflow_id = created.workflow_id;
      into.name = created.name;
      take_version(into, created);
      break;
    }
    case TriggerEvent::TriggerChanged:
      take_version(into, *event.AsTriggerChanged());
      break;
    case TriggerEvent::TriggerRemoved:
      into.status = TriggerStatus::removed;
      into.next_due_at = flatbuffers::nullopt;
      break;
    case TriggerEvent::TriggerPaused:
      into.status = TriggerStatus::paused;
      into.paused_reason = event.AsTriggerPaused()->reason;
      into.next_due_at = flatbuffers::nullopt;
      break;
    case TriggerEvent::TriggerResumed: {
      const auto& resumed = *event.AsTriggerResumed();
      into.status = TriggerStatus::enabled;
      into.paused_reason.clear();
      if (resumed.due_after) into.due_after = resumed.due_after;
      into.next_due_at = resumed.next_due_at;
      break;
    }
    case TriggerEvent::TriggerEvaluated:
      fold_evaluation(into, *event.AsTriggerEvaluated(), meta);
      break;
    case TriggerEvent::TriggerWebhookRotated:
      into.webhook_generation = event.AsTriggerWebhookRotated()->generation.value_or(0);
      break;
    case TriggerEvent::NONE:
      break;
  }
}

}  // namespace flowstone::domain
