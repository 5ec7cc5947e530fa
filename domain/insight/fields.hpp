// What deciding about an insight and folding its events have in common.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "domain/patch.hpp"
#include "schemas/insight_generated.h"

namespace flowstone::domain::insight {

// All but the claim, which is a table of its own.
template <class Visit, class... Tables>
void each_described_field(Visit&& visit, Tables&... tables) {
  visit("title", tables.title...);
  visit("body", tables.body...);
  visit("evidence_ids", tables.evidence_ids...);
  visit("insight_ids", tables.insight_ids...);
  visit("confidence", tables.confidence...);
}

template <class Table>
std::unique_ptr<Table> copy_of(const std::unique_ptr<Table>& table) {
  return table ? std::make_unique<Table>(*table) : nullptr;
}

template <class Table>
std::vector<std::unique_ptr<Table>> copy_of(const std::vector<std::unique_ptr<Table>>& tables) {
  std::vector<std::unique_ptr<Table>> copies;
  copies.reserve(tables.size());
  for (const auto& table : tables) copies.push_back(copy_of(table));
  return copies;
}

// `stream` is that of a piece of evidence or of an insight.
bool rests_on(const schemas::InsightT& insight, std::string_view stream);

// In any order.
bool are_same_causes(const std::vector<std::unique_ptr<schemas::CauseT>>& left,
                     const std::vector<std::unique_ptr<schemas::CauseT>>& right);

// What claims are compared by: "supplier contract / fee".
std::string claim_key(const schemas::ClaimT& claim);

}  // namespace flowstone::domain::insight
