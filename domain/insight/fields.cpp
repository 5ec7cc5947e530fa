#include "domain/insight/fields.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "schemas/packed.hpp"

namespace flowstone::domain::insight {

namespace {

std::vector<Bytes> in_order(const std::vector<std::unique_ptr<schemas::CauseT>>& causes) {
  std::vector<Bytes> packed;
  packed.reserve(causes.size());
  for (const auto& cause : causes) packed.push_back(schemas::pack(*cause));
  std::ranges::sort(packed);
  return packed;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n";
  const auto first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) + 1 - first);
}

}  // namespace

bool rests_on(const schemas::InsightT& insight, std::string_view stream) {
  constexpr std::string_view kEvidence = "evidence-";
  constexpr std::string_view kInsight = "insight-";
  if (stream.starts_with(kEvidence)) return names(insight.evidence_ids, stream.substr(kEvidence.size()));
  return stream.starts_with(kInsight) && names(insight.insight_ids, stream.substr(kInsight.size()));
}

bool are_same_causes(const std::vector<std::unique_ptr<schemas::CauseT>>& left,
                     const std::vector<std::unique_ptr<schemas::CauseT>>& right) {
  return left.size() == right.size() && in_order(left) == in_order(right);
}

std::string claim_key(const schemas::ClaimT& claim) {
  std::string key(trimmed(claim.subject));
  key.append(" / ").append(trimmed(claim.field));
  std::ranges::transform(key, key.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return key;
}

}  // namespace flowstone::domain::insight
