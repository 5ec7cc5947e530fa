// Why something is or is not fresh: what is recorded of it, and of what it rests on.
#include "api/freshness.hpp"

#include <deque>
#include <set>

#include <fmt/format.h>

#include "api/handlers.hpp"
#include "api/query_values.hpp"
#include "api/stored_documents.hpp"
#include "schemas/document_generated.h"

namespace flowstone::api {

using schemas::FreshnessFlag;

FreshnessFlag freshness_flag_of(const schemas::EvidenceT& evidence) {
  if (evidence.status == schemas::EvidenceStatus::withdrawn) return FreshnessFlag::stale;
  switch (evidence.verdict) {
    case schemas::Verdict::same:
    case schemas::Verdict::moved:
    case schemas::Verdict::reparsed:
      return FreshnessFlag::fresh;
    case schemas::Verdict::ambiguous:
      return FreshnessFlag::review;
    case schemas::Verdict::changed:
    case schemas::Verdict::moved_changed:
      return evidence.materiality <= schemas::Materiality::cosmetic ? FreshnessFlag::review : FreshnessFlag::stale;
    case schemas::Verdict::lost:
      return FreshnessFlag::stale;
  }
  return FreshnessFlag::stale;
}

namespace {

using schemas::FreshnessT;

constexpr std::size_t kMostInputs = 1'000;
constexpr std::string_view kNeither = "must be `insight-<id>` or `evidence-<id>`";

std::unique_ptr<schemas::CauseT> cause_of(const schemas::EvidenceT& evidence, FreshnessFlag flag) {
  auto cause = std::make_unique<schemas::CauseT>();
  cause->entity = "evidence-" + evidence.id;
  cause->flag = flag;
  cause->bundle_id = evidence.bundle_id;
  if (evidence.status == schemas::EvidenceStatus::withdrawn) {
    cause->category = schemas::CauseCategory::retraction;
    cause->reason = "The evidence was withdrawn.";
    return cause;
  }
  const auto& newest = *evidence.anchors.back();
  cause->category = schemas::CauseCategory::content;
  cause->verdict = newest.verdict;
  cause->materiality = newest.materiality;
  cause->document = newest.document;
  cause->from_version = evidence.anchors.front()->version;
  cause->to_version = newest.version;
  cause->old_quote = evidence.source->selector->exact;
  cause->new_quote = newest.exact;
  for (const auto& change : newest.changes) cause->changes.push_back(std::make_unique<schemas::WordChangeT>(*change));
  cause->reason = fmt::format("{}, version {}: {}", newest.document, newest.version, newest.reason);
  return cause;
}

// Of a quote alone: whether it still says what it said.
std::unique_ptr<FreshnessT> freshness_of(const schemas::EvidenceT& evidence) {
  auto freshness = std::make_unique<FreshnessT>();
  const FreshnessFlag flag = freshness_flag_of(evidence);
  freshness->value = flag;
  freshness->support = flag;
  if (flag != FreshnessFlag::fresh) {
    freshness->causes.push_back(cause_of(evidence, flag));
    freshness->since = evidence.updated_at;
  }
  return freshness;
}

std::unique_ptr<FreshnessT> freshness_of(const schemas::InsightT& insight) {
  return insight.freshness ? std::make_unique<FreshnessT>(*insight.freshness) : std::make_unique<FreshnessT>();
}

bool is_fresh(const FreshnessT& freshness) {
  return freshness.value == FreshnessFlag::fresh && freshness.support == FreshnessFlag::fresh;
}

// Breadth first through what an insight rests on.
class Tree {
 public:
  Tree(const Exchange& exchange, std::optional<Position> as_of) : exchange_(exchange), as_of_(as_of) {}

  Found<schemas::FreshnessReportT> report(std::string_view entity) {
    schemas::FreshnessReportT report;
    report.entity = entity;
    FLOWSTONE_TRY(report.freshness, visit(entity, 0));
    while (!open_.empty() && report.inputs.size() < kMostInputs) {
      const auto [next, depth] = std::move(open_.front());
      open_.pop_front();
      auto freshness = visit(next, depth);
      if (!freshness || is_fresh(**freshness)) continue;
      auto input = std::make_unique<schemas::FreshnessInputT>();
      input->entity = next;
      input->depth = depth;
      input->freshness = *std::move(freshness);
      report.inputs.push_back(std::move(input));
    }
    return report;
  }

 private:
  Found<std::unique_ptr<FreshnessT>> visit(std::string_view entity, std::uint32_t depth) {
    const auto id = entity.substr(entity.find('-') + 1);
    if (entity.starts_with("evidence-")) {
      FLOWSTONE_TRY(const auto evidence, read_state<schemas::EvidenceT>(exchange_, "evidence", id, as_of_));
      return freshness_of(*evidence);
    }
    if (!entity.starts_with("insight-")) return failure(invalid_parameter("entity", kNeither));
    FLOWSTONE_TRY(const auto insight, read_state<schemas::InsightT>(exchange_, "insight", id, as_of_));
    for (const auto& input : insight->evidence_ids) add("evidence-" + input, depth + 1);
    for (const auto& input : insight->insight_ids) add("insight-" + input, depth + 1);
    return freshness_of(*insight);
  }

  void add(std::string entity, std::uint32_t depth) {
    if (seen_.insert(entity).second) open_.emplace_back(std::move(entity), depth);
  }

  const Exchange& exchange_;
  const std::optional<Position> as_of_;
  std::deque<std::pair<std::string, std::uint32_t>> open_;
  std::set<std::string> seen_;
};

}  // namespace

Task<void> get_freshness(Exchange* exchange) {
  if (!check_scope(*exchange, "insight", Access::read) || !check_scope(*exchange, "evidence", Access::read)) co_return;
  std::optional<Position> as_of;
  const bool past = co_await take_as_of(exchange, &as_of);
  if (!past || !exchange->all_parameters_known()) co_return;
  const auto report = co_await exchange->blocking(
      [exchange, as_of] { return Tree(*exchange, as_of).report(exchange->parameter("entity")); });
  if (!accepted(*exchange, report)) co_return;
  append_table(*exchange->call().response, *report, exchange->reply.body);
}

}  // namespace flowstone::api
