// What a person should look at, and in which order.
#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "api/handlers.hpp"
#include "api/query_values.hpp"
#include "api/stored_documents.hpp"
#include "projections/impact.hpp"
#include "schemas/document_generated.h"
#include "schemas/row.hpp"

namespace flowstone::api {
namespace {

using schemas::FreshnessFlag;
using schemas::InsightStatus;
using schemas::InsightT;

constexpr std::size_t kMostLookedAt = 10'000;  // insights; the queue of a workspace with more is cut there
constexpr std::size_t kPage = 200;
constexpr double kLowConfidence = 0.5;
constexpr std::array<std::string_view, 4> kQueues = {"low-confidence", "conflicts", "stale", "ambiguous"};

using Insights = std::vector<std::unique_ptr<InsightT>>;
using Entry = std::unique_ptr<schemas::ReviewEntryT>;

bool is_live(const InsightT& insight) {
  return insight.status != InsightStatus::superseded && insight.status != InsightStatus::withdrawn;
}

// Reads the insights that match, or all of them.
class Shelf {
 public:
  explicit Shelf(const Exchange& exchange)
      : exchange_(exchange), insight_(*schemas::contracts().find_aggregate("insight")) {}

  Found<Insights> all(std::vector<projections::FieldFilter> filters) {
    projections::ListQuery query;
    query.workspace = exchange_.principal->workspace;
    query.filters = std::move(filters);
    query.limit = kPage;
    Insights found;
    do {
      const auto page = exchange_.services().catalog.list(insight_, query);
      if (!page) return failure(damaged_storage(page.error().detail));
      for (const auto& row : page->rows) {
        auto insight = std::make_unique<InsightT>();
        flatbuffers::GetRoot<schemas::Insight>(row.bytes.data())->UnPackTo(insight.get());
        if (is_live(*insight)) found.push_back(std::move(insight));
      }
      query.cursor = page->next_cursor;
    } while (!query.cursor.empty() && found.size() < kMostLookedAt);
    return found;
  }

  [[nodiscard]] projections::FieldFilter filter(std::string_view field, std::string_view value,
                                                projections::FieldFilter::Test test) const {
    const schemas::Field* const indexed = insight_.state->find(field);
    return {.field = indexed, .test = test, .keys = {schemas::index_key_of(*indexed, value).value()}};
  }

 private:
  const Exchange& exchange_;
  const schemas::Aggregate& insight_;
};

Entry entry_of(const InsightT& insight, double weight, std::string reason) {
  auto entry = std::make_unique<schemas::ReviewEntryT>();
  entry->insight_id = insight.id;
  entry->title = insight.title;
  entry->status = insight.status;
  entry->freshness = insight.freshness ? std::make_unique<schemas::FreshnessT>(*insight.freshness)
                                       : std::make_unique<schemas::FreshnessT>();
  entry->confidence = insight.confidence;
  if (insight.claim) entry->claim = std::make_unique<schemas::ClaimT>(*insight.claim);
  entry->weight = weight;
  entry->reason = std::move(reason);
  return entry;
}

double weight_of(const schemas::CauseT& cause) {
  const double flag = cause.flag == FreshnessFlag::stale ? 2 : 1;
  if (cause.verdict == schemas::Verdict::lost) return flag * 3;
  return flag * (1.0 + static_cast<double>(cause.materiality.value_or(schemas::Materiality::reworded)));
}

std::vector<Entry> stale(const Insights& insights) {
  std::vector<Entry> entries;
  for (const auto& insight : insights) {
    if (insight->freshness_flag == FreshnessFlag::fresh || insight->freshness->causes.empty()) continue;
    double weight = 0;
    for (const auto& cause : insight->freshness->causes) weight = std::max(weight, weight_of(*cause));
    entries.push_back(entry_of(*insight, weight, insight->freshness->causes.front()->reason));
  }
  return entries;
}

std::vector<Entry> ambiguous(const Insights& insights) {
  std::vector<Entry> entries;
  for (const auto& insight : insights) {
    if (!insight->freshness) continue;
    const auto cause = std::ranges::find_if(
        insight->freshness->causes, [](const auto& each) { return each->verdict == schemas::Verdict::ambiguous; });
    if (cause != insight->freshness->causes.end())
      entries.push_back(entry_of(*insight, weight_of(**cause), (*cause)->reason));
  }
  return entries;
}

std::vector<Entry> low_confidence(const Insights& insights) {
  std::vector<Entry> entries;
  for (const auto& insight : insights) {
    if (!insight->confidence || *insight->confidence >= kLowConfidence) continue;
    entries.push_back(
        entry_of(*insight, 1 - *insight->confidence, fmt::format("The confidence is {}.", *insight->confidence)));
  }
  return entries;
}

// Insights that state different values for one subject and field.
std::vector<Entry> conflicts(const Insights& insights) {
  std::map<std::string_view, std::vector<const InsightT*>> by_key;
  for (const auto& insight : insights) {
    if (!insight->claim_key.empty() && insight->claim) by_key[insight->claim_key].push_back(insight.get());
  }
  std::vector<Entry> entries;
  for (const auto& [key, claims] : by_key) {
    for (const InsightT* const claim : claims) {
      std::string others;
      double weight = 0;
      for (const InsightT* const other : claims) {
        if (other->claim->value == claim->claim->value) continue;
        others.append(fmt::format("{}`{}` (insight-{})", others.empty() ? "" : ", ", other->claim->value, other->id));
        weight += 1 + other->confidence.value_or(1);
      }
      if (others.empty()) continue;
      entries.push_back(
          entry_of(*claim, weight, fmt::format("{}: it says `{}`; others say {}.", key, claim->claim->value, others)));
    }
  }
  return entries;
}

Found<std::vector<Entry>> find_entries(const Exchange& exchange, std::string_view queue) {
  using Test = projections::FieldFilter::Test;
  Shelf shelf(exchange);
  if (queue == "stale" || queue == "ambiguous") {
    FLOWSTONE_TRY(auto found, shelf.all({shelf.filter("freshness_flag", "stale", Test::equal)}));
    FLOWSTONE_TRY(auto doubtful, shelf.all({shelf.filter("freshness_flag", "review", Test::equal)}));
    found.insert(found.end(), std::make_move_iterator(doubtful.begin()), std::make_move_iterator(doubtful.end()));
    return queue == "stale" ? stale(found) : ambiguous(found);
  }
  FLOWSTONE_TRY(const auto all, shelf.all({}));
  return queue == "conflicts" ? conflicts(all) : low_confidence(all);
}

Found<std::vector<Entry>> fill_queue(const Exchange& exchange, std::string_view queue, std::size_t limit) {
  FLOWSTONE_TRY(auto entries, find_entries(exchange, queue));
  projections::Dependents dependents(exchange.services().catalog, exchange.principal->workspace);
  for (const Entry& entry : entries) {
    const auto count = dependents.count(entry->insight_id);
    entry->dependents = count.value_or(0);
    entry->weight *= 1.0 + entry->dependents;
  }
  std::ranges::sort(entries, {},
                    [](const Entry& entry) { return std::pair(-entry->weight, std::string_view(entry->insight_id)); });
  if (entries.size() > limit) entries.resize(limit);
  return entries;
}

}  // namespace

Task<void> list_review_queue(Exchange* exchange) {
  if (!check_scope(*exchange, "insight", Access::read)) co_return;
  const auto name = exchange->parameter("name");
  if (std::ranges::find(kQueues, name) == kQueues.end()) {
    exchange->refuse({ProblemKind::not_found,
                      fmt::format("There is no review queue `{}`; there are {}.", name, fmt::join(kQueues, ", "))});
    co_return;
  }
  const auto limit = take_number(*exchange, "limit", 50, 1, 200);
  if (!limit) co_return;
  const bool reached = co_await await_min_position(exchange, "insights");
  if (!reached || !exchange->all_parameters_known()) co_return;
  const auto entries =
      co_await exchange->blocking([exchange, name, &limit] { return fill_queue(*exchange, name, *limit); });
  if (accepted(*exchange, entries)) answer_with_list(*exchange, *entries);
}

}  // namespace flowstone::api
