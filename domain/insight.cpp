#include "domain/insight.hpp"

#include <algorithm>
#include <memory>

#include "domain/decision.hpp"
#include "domain/insight/fields.hpp"
#include "schemas/packed.hpp"

namespace flowstone::domain {

namespace {

using insight::each_described_field;
using schemas::InsightCommand;
using schemas::InsightStatus;
using schemas::InsightT;
using Event = Insight::Event;
using Traces = std::vector<std::unique_ptr<schemas::TraceT>>;

bool is_closed(const InsightT& insight) {
  return insight.status == InsightStatus::superseded || insight.status == InsightStatus::withdrawn;
}

auto refuse_closed() {
  return conflict("insight_closed", "The insight is superseded or withdrawn; write a new one down.");
}

auto refuse_groundless() { return invalid("evidence_ids", "must name at least one piece of evidence"); }
auto refuse_itself(std::string field) { return invalid(std::move(field), "cannot name the insight itself"); }

Decision<Event> create(const InsightT* state, const schemas::CreateInsightT& command, const Context& context) {
  if (state)
    return conflict("insight_exists", "An insight with this id exists already; leave the id out to get a fresh one.");
  if (command.evidence_ids.empty()) return refuse_groundless();
  if (names(command.insight_ids, context.id)) return refuse_itself("insight_ids");
  schemas::InsightCreatedT created;
  each_described_field(CopyFields{}, command, created);
  created.claim = insight::copy_of(command.claim);
  return record<Event>(std::move(created));
}

bool records_claim(const schemas::AmendInsightT& command, const InsightT& state, schemas::InsightAmendedT& amended) {
  if (command.claim) {
    if (state.claim && schemas::pack(*state.claim) == schemas::pack(*command.claim)) return false;
    amended.claim = insight::copy_of(command.claim);
    return true;
  }
  if (!state.claim || !names(command.cleared, "claim")) return false;
  amended.cleared.emplace_back("claim");
  return true;
}

Decision<Event> amend(const InsightT& state, const schemas::AmendInsightT& command, const Context& context) {
  if (is_closed(state)) return refuse_closed();
  if (names(command.cleared, "evidence_ids")) return refuse_groundless();
  if (auto rejection = refuse_removals(command.cleared, {"title"})) return failure(*std::move(rejection));
  if (names(command.insight_ids, context.id)) return refuse_itself("insight_ids");
  schemas::InsightAmendedT amended;
  RecordChanges changes(command.cleared, amended.cleared);
  each_described_field(changes, command, state, amended);
  const bool claims_otherwise = records_claim(command, state, amended);
  if (!changes.changed() && !claims_otherwise) return record<Event>();
  amended.trace = insight::copy_of(command.trace);
  return record<Event>(std::move(amended));
}

Decision<Event> review(const InsightT& state, const schemas::ReviewInsightT& command) {
  if (is_closed(state)) return refuse_closed();
  if (state.status != InsightStatus::draft) return record<Event>();
  schemas::InsightReviewedT reviewed;
  reviewed.note = command.note;
  return record<Event>(std::move(reviewed));
}

Decision<Event> publish(const InsightT& state) {
  if (is_closed(state)) return refuse_closed();
  if (state.status == InsightStatus::draft)
    return conflict("insight_not_reviewed", "The insight is a draft; somebody must review it before it is published.");
  return state.status == InsightStatus::published ? record<Event>() : record<Event>(schemas::InsightPublishedT{});
}

Decision<Event> supersede(const InsightT& state, const schemas::SupersedeInsightT& command, const Context& context) {
  if (command.superseded_by == context.id) return refuse_itself("superseded_by");
  const bool is_superseded = state.status == InsightStatus::superseded;
  if (is_superseded && state.superseded_by == command.superseded_by) return record<Event>();
  if (is_closed(state)) return refuse_closed();
  schemas::InsightSupersededT superseded;
  superseded.superseded_by = command.superseded_by;
  return record<Event>(std::move(superseded));
}

Decision<Event> withdraw(const InsightT& state, const schemas::WithdrawInsightT& command) {
  if (state.status == InsightStatus::withdrawn) return record<Event>();
  if (is_closed(state)) return refuse_closed();
  schemas::InsightWithdrawnT withdrawn;
  withdrawn.reason = command.reason;
  return record<Event>(std::move(withdrawn));
}

bool is_known(const Traces& trace, const schemas::TraceT& entry) {
  const auto known = std::ranges::find(trace, entry.entity, &schemas::TraceT::entity);
  return known != trace.end() && schemas::pack(**known) == schemas::pack(entry);
}

// Whoever confirms says so once about the same words.
Decision<Event> confirm(const InsightT& state, const schemas::ConfirmInsightT& command, const Context& context) {
  if (is_closed(state)) return refuse_closed();
  const bool tells_nothing = std::ranges::all_of(command.trace, [&](const auto& entry) {
    return !insight::rests_on(state, entry->entity) || is_known(state.trace, *entry);
  });
  if (tells_nothing && state.confirmed_at && state.confirmed_by == context.actor) return record<Event>();
  schemas::InsightConfirmedT confirmed;
  confirmed.note = command.note;
  confirmed.trace = insight::copy_of(command.trace);
  return record<Event>(std::move(confirmed));
}

Decision<Event> assess(const InsightT& state, const schemas::AssessInsightT& command) {
  if (is_closed(state) || !state.freshness) return record<Event>();
  const schemas::FreshnessT& present = *state.freshness;
  if (present.value == command.value && present.support == command.support &&
      insight::are_same_causes(present.causes, command.causes))
    return record<Event>();
  schemas::InsightFreshnessChangedT changed;
  changed.value = command.value;
  changed.support = command.support;
  changed.causes = insight::copy_of(command.causes);
  return record<Event>(std::move(changed));
}

}  // namespace

Decision<Insight::Event> Insight::decide(const State* state, const Command& command, const Context& context) {
  if (const auto* create_insight = command.AsCreateInsight()) return create(state, *create_insight, context);
  if (!state) return not_found("insight_not_found", "There is no insight with this id.");
  switch (command.type) {
    case InsightCommand::AmendInsight:
      return amend(*state, *command.AsAmendInsight(), context);
    case InsightCommand::ReviewInsight:
      return review(*state, *command.AsReviewInsight());
    case InsightCommand::PublishInsight:
      return publish(*state);
    case InsightCommand::SupersedeInsight:
      return supersede(*state, *command.AsSupersedeInsight(), context);
    case InsightCommand::WithdrawInsight:
      return withdraw(*state, *command.AsWithdrawInsight());
    case InsightCommand::ConfirmInsight:
      return confirm(*state, *command.AsConfirmInsight(), context);
    case InsightCommand::AssessInsight:
      return assess(*state, *command.AsAssessInsight());
    case InsightCommand::CreateInsight:
    case InsightCommand::NONE:
      break;
  }
  return record<Event>();
}

std::vector<std::string>* Insight::removals(Command& command) {
  auto* amend_insight = command.AsAmendInsight();
  return amend_insight ? &amend_insight->cleared : nullptr;
}

}  // namespace flowstone::domain
