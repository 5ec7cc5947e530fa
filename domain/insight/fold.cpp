#include <algorithm>

#include "domain/insight.hpp"
#include "domain/insight/fields.hpp"

namespace flowstone::domain {

namespace {

using schemas::FreshnessFlag;
using schemas::InsightEvent;
using schemas::InsightStatus;
using schemas::InsightT;
using Traces = std::vector<std::unique_ptr<schemas::TraceT>>;

void state_claim(InsightT& insight, std::unique_ptr<schemas::ClaimT> claim) {
  insight.claim_key = claim ? insight::claim_key(*claim) : std::string();
  insight.claim = std::move(claim);
}

void create(InsightT& insight, const schemas::InsightCreatedT& created, const EventMeta& meta) {
  insight::each_described_field(CopyFields{}, created, insight);
  state_claim(insight, insight::copy_of(created.claim));
  insight.freshness = std::make_unique<schemas::FreshnessT>();
  insight.freshness->since = meta.time.micros;
}

// Only what the insight rests on is kept: so the trace is no longer than what it may rest on.
void check_against(InsightT& insight, const Traces& told) {
  for (const auto& entry : told) {
    const auto known = std::ranges::find(insight.trace, entry->entity, &schemas::TraceT::entity);
    if (known == insight.trace.end()) {
      insight.trace.push_back(insight::copy_of(entry));
    } else {
      **known = *entry;
    }
  }
  std::erase_if(insight.trace, [&](const auto& entry) { return !insight::rests_on(insight, entry->entity); });
}

void amend(InsightT& insight, const schemas::InsightAmendedT& amended) {
  insight::each_described_field(ApplyChanges(amended.cleared), amended, insight);
  if (amended.claim || names(amended.cleared, "claim")) state_claim(insight, insight::copy_of(amended.claim));
  check_against(insight, amended.trace);
  insight.status = InsightStatus::draft;
  insight.reviewed_at = flatbuffers::nullopt;
  insight.reviewed_by.clear();
  insight.confirmed_at = flatbuffers::nullopt;
  insight.confirmed_by.clear();
  insight.published_at = flatbuffers::nullopt;
}

void grade(InsightT& insight, const schemas::InsightFreshnessChangedT& changed, const EventMeta& meta) {
  if (!insight.freshness) insight.freshness = std::make_unique<schemas::FreshnessT>();
  schemas::FreshnessT& freshness = *insight.freshness;
  if (freshness.value != changed.value || freshness.support != changed.support) freshness.since = meta.time.micros;
  freshness.value = changed.value;
  freshness.support = changed.support;
  freshness.causes = insight::copy_of(changed.causes);
  insight.freshness_flag = std::max(changed.value, changed.support);
}

}  // namespace

void Insight::evolve(State& into, const Event& event, const EventMeta& meta) {
  switch (event.type) {
    case InsightEvent::InsightCreated:
      create(into, *event.AsInsightCreated(), meta);
      break;
    case InsightEvent::InsightAmended:
      amend(into, *event.AsInsightAmended());
      break;
    case InsightEvent::InsightReviewed:
      into.status = InsightStatus::reviewed;
      into.reviewed_at = meta.time.micros;
      into.reviewed_by = meta.actor;
      break;
    case InsightEvent::InsightPublished:
      into.status = InsightStatus::published;
      into.published_at = meta.time.micros;
      break;
    case InsightEvent::InsightSuperseded:
      into.status = InsightStatus::superseded;
      into.superseded_by = event.AsInsightSuperseded()->superseded_by;
      break;
    case InsightEvent::InsightWithdrawn:
      into.status = InsightStatus::withdrawn;
      into.withdraw_reason = event.AsInsightWithdrawn()->reason;
      break;
    case InsightEvent::InsightConfirmed:
      check_against(into, event.AsInsightConfirmed()->trace);
      into.confirmed_at = meta.time.micros;
      into.confirmed_by = meta.actor;
      break;
    case InsightEvent::InsightFreshnessChanged:
      grade(into, *event.AsInsightFreshnessChanged(), meta);
      break;
    case InsightEvent::NONE:
      break;
  }
}

}  // namespace flowstone::domain
