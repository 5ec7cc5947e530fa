#include "projections/impact.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "domain/freshness.hpp"
#include "projections/every_row.hpp"
#include "schemas/packed.hpp"

namespace flowstone::projections {
namespace {

void add_withdrawn(const schemas::BundleT& bundle, domain::WithdrawnVersions& withdrawn) {
  for (const auto& version : bundle.versions) {
    if (version->status == schemas::VersionStatus::withdrawn) withdrawn.emplace(bundle.id, version->number);
  }
}

// The judgement takes the place of what the state says of itself.
schemas::InsightT with(const schemas::InsightT& insight, const schemas::FreshnessT& freshness) {
  schemas::InsightT judged(insight);
  judged.freshness = std::make_unique<schemas::FreshnessT>(freshness);
  judged.freshness_flag = std::max(freshness.value, freshness.support);
  return judged;
}

}  // namespace

std::uint32_t serving_version(const schemas::EvidenceT& evidence, std::size_t at, const schemas::BundleT& bundle) {
  const std::uint32_t from = evidence.anchors[at]->version;
  const bool newest = at + 1 == evidence.anchors.size();
  std::uint32_t found = 0;
  for (const auto& version : bundle.versions) {
    const bool in_reach = version->number >= from && (newest || version->number < evidence.anchors[at + 1]->version);
    if (in_reach && version->status == schemas::VersionStatus::published) found = std::max(found, version->number);
  }
  return found;
}

template <class State>
Result<State*, std::string> Knowledge::find(Kept<State>& kept, std::string_view aggregate, const std::string& id) {
  const auto known = kept.find(id);
  if (known != kept.end()) return known->second.get();
  FLOWSTONE_TRY(const auto row, read_(aggregate, id));
  std::unique_ptr<State> state;
  if (row) {
    state = std::make_unique<State>();
    flatbuffers::GetRoot<typename State::TableType>(row->data())->UnPackTo(state.get());
  }
  return kept.emplace(id, std::move(state)).first->second.get();
}

Result<const schemas::InsightT*, std::string> Knowledge::insight(const std::string& id) {
  return find(insights_, "insight", id);
}

Result<const schemas::BundleT*, std::string> Knowledge::bundle(const std::string& id) {
  return find(bundles_, "bundle", id);
}

Result<const schemas::EvidenceT*, std::string> Knowledge::evidence(const std::string& id) {
  return find(evidence_, "evidence", id);
}

void Knowledge::suppose(const std::string& evidence_id, const schemas::AnchorT& anchor) {
  const auto known = evidence_.find(evidence_id);
  if (known == evidence_.end() || known->second == nullptr) return;
  known->second->anchors.push_back(std::make_unique<schemas::AnchorT>(anchor));
}

Result<schemas::FreshnessT, std::string> Knowledge::judge(const schemas::InsightT& insight, const Judgements& judged) {
  std::vector<schemas::EvidenceT> evidence_states;
  domain::WithdrawnVersions withdrawn;
  domain::OutlivedAnchors outlived;
  for (const std::string& id : insight.evidence_ids) {
    FLOWSTONE_TRY(const auto* const state, evidence(id));
    if (state == nullptr) continue;
    evidence_states.push_back(*state);
    FLOWSTONE_TRY(const auto* const of, bundle(state->bundle_id));
    if (of == nullptr) continue;
    add_withdrawn(*of, withdrawn);
    for (std::size_t at = 0; at < state->anchors.size(); ++at) {
      if (serving_version(*state, at, *of) != 0) outlived.emplace(id, state->anchors[at]->version);
    }
  }
  std::vector<schemas::InsightT> inputs;
  for (const std::string& id : insight.insight_ids) {
    FLOWSTONE_TRY(const auto* const state, this->insight(id));
    if (state == nullptr) continue;
    const auto newer = judged.find(id);
    inputs.push_back(newer == judged.end() ? *state : with(*state, newer->second));
  }
  return domain::judge(insight, evidence_states, inputs, withdrawn, outlived);
}

Result<std::vector<std::string>, std::string> Dependents::insights(std::string_view field, std::string_view id) {
  std::vector<std::string> ids;
  FLOWSTONE_TRY_VOID(
      for_each_row(catalog_, workspace_, "insight", {{field, id}}, [&ids](const Row& row) { ids.push_back(row.id); }));
  return ids;
}

Result<std::uint32_t, std::string> Dependents::count(const std::string& insight_id, std::uint32_t most) {
  std::set<std::string> seen{insight_id};
  std::vector<std::string> open{insight_id};
  while (!open.empty() && seen.size() <= most) {
    const std::string next = std::move(open.back());
    open.pop_back();
    FLOWSTONE_TRY(const auto ids, insights("insight_ids", next));
    for (const std::string& id : ids) {
      if (seen.insert(id).second) open.push_back(id);
    }
  }
  return static_cast<std::uint32_t>(std::min<std::size_t>(seen.size() - 1, most));
}

}  // namespace flowstone::projections
