#include "projections/impact_diff.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "schemas/packed.hpp"

namespace flowstone::projections {
namespace {

constexpr std::size_t kPage = 200;
constexpr int kRounds = 32;  // insights may rest on each other in a circle

using schemas::AnchorT;
using schemas::EvidenceT;

// The newest anchor up to a version; null if the evidence is younger.
const AnchorT* anchor_up_to(const EvidenceT& evidence, std::uint32_t version) {
  const AnchorT* newest = nullptr;
  for (const auto& anchor : evidence.anchors) {
    if (anchor->version <= version) newest = anchor.get();
  }
  return newest;
}

bool reads_alike(const AnchorT& left, const AnchorT& right) {
  return left.digest == right.digest && left.verdict == right.verdict && left.exact == right.exact;
}

// Knowledge in which the bundle's evidence ends at a version.
Knowledge as_of_version(const ReadState& read, const std::string& bundle_id, std::uint32_t version) {
  return Knowledge([read, bundle_id, version](std::string_view aggregate,
                                              std::string_view id) -> Result<std::optional<Bytes>, std::string> {
    FLOWSTONE_TRY(auto row, read(aggregate, id));
    if (!row || aggregate != "evidence") return row;
    EvidenceT evidence;
    flatbuffers::GetRoot<schemas::Evidence>(row->data())->UnPackTo(&evidence);
    if (evidence.bundle_id != bundle_id) return row;
    std::erase_if(evidence.anchors, [version](const auto& anchor) { return anchor->version > version; });
    return schemas::pack(evidence);
  });
}

class Comparison {
 public:
  Comparison(Catalog& catalog, Library& library, const ReadState& read, const ImpactQuestion& question)
      : catalog_(catalog),
        question_(question),
        dependents_(catalog, question.workspace),
        reanchoring_(library, question.workspace),
        read_(read),
        before_(as_of_version(read, question.bundle->id, question.from)),
        after_(as_of_version(read, question.bundle->id, question.candidate != nullptr ? question.from : question.to)) {}

  Result<ImpactEntries, std::string> run() {
    FLOWSTONE_TRY_VOID(compare_evidence());
    FLOWSTONE_TRY_VOID(gather_insights());
    FLOWSTONE_TRY_VOID(compare_insights());
    return std::move(entries_);
  }

 private:
  Result<void, std::string> compare_evidence();
  Result<void, std::string> compare(const std::string& id);
  Result<std::unique_ptr<AnchorT>, std::string> anchor_after(const EvidenceT& evidence);
  Result<void, std::string> gather_insights();
  Result<Knowledge::Judgements, std::string> judge_all(Knowledge& knowledge);
  Result<void, std::string> compare_insights();

  Catalog& catalog_;
  const ImpactQuestion& question_;
  Dependents dependents_;
  Reanchoring reanchoring_;
  const ReadState& read_;
  Knowledge before_, after_;
  std::vector<std::string> changed_;  // evidence
  std::set<std::string> insights_;
  ImpactEntries entries_;
};

Result<void, std::string> Comparison::compare_evidence() {
  const schemas::Aggregate& aggregate = *schemas::contracts().find_aggregate("evidence");
  const schemas::Field* const bundle = aggregate.state->find("bundle_id");
  ListQuery query;
  query.workspace = question_.workspace;
  query.filters = {{.field = bundle,
                    .test = FieldFilter::Test::equal,
                    .keys = {schemas::index_key_of(*bundle, question_.bundle->id).value()}}};
  query.limit = kPage;
  do {
    const auto page = catalog_.list(aggregate, query);
    if (!page) return failure(page.error().detail);
    for (const Row& row : page->rows) FLOWSTONE_TRY_VOID(compare(row.id));
    query.cursor = page->next_cursor;
  } while (!query.cursor.empty());
  std::ranges::sort(entries_, {}, [](const auto& entry) {
    return std::tuple(-static_cast<int>(entry->anchor->materiality), -static_cast<int>(entry->anchor->verdict),
                      std::string_view(entry->entity));
  });
  return {};
}

Result<std::unique_ptr<AnchorT>, std::string> Comparison::anchor_after(const EvidenceT& evidence) {
  if (question_.candidate == nullptr) {
    const AnchorT* const stored = anchor_up_to(evidence, question_.to);
    return stored == nullptr ? nullptr : std::make_unique<AnchorT>(*stored);
  }
  auto anchor = reanchoring_.anchor(*question_.bundle, evidence, *question_.candidate);
  if (!anchor) return failure(std::move(anchor.error().detail));
  return *std::move(anchor);
}

Result<void, std::string> Comparison::compare(const std::string& id) {
  FLOWSTONE_TRY(const auto* const evidence, before_.evidence(id));
  if (evidence == nullptr || evidence->anchors.empty() || evidence->status != schemas::EvidenceStatus::active)
    return {};
  const AnchorT& before = *evidence->anchors.back();
  FLOWSTONE_TRY(const auto row, read_("evidence", id));
  EvidenceT whole;
  flatbuffers::GetRoot<schemas::Evidence>(row->data())->UnPackTo(&whole);
  if (question_.candidate != nullptr)
    std::erase_if(whole.anchors, [this](const auto& anchor) { return anchor->version > question_.from; });
  FLOWSTONE_TRY(auto after, anchor_after(whole));
  if (after == nullptr || reads_alike(before, *after)) return {};
  if (question_.candidate != nullptr) {
    FLOWSTONE_TRY_VOID(after_.evidence(id));
    after_.suppose(id, *after);
  }
  changed_.push_back(id);
  auto entry = std::make_unique<schemas::ImpactEntryT>();
  entry->entity = "evidence-" + id;
  entry->title = evidence->source->selector->exact;
  entry->anchor = std::move(after);
  entries_.push_back(std::move(entry));
  return {};
}

// What rests on the evidence that changed, directly or through other insights.
Result<void, std::string> Comparison::gather_insights() {
  std::vector<std::string> open;
  const auto add = [this, &open](std::vector<std::string> ids) {
    for (std::string& id : ids) {
      if (insights_.size() < kMostInsights && insights_.insert(id).second) open.push_back(std::move(id));
    }
  };
  for (const std::string& id : changed_) {
    FLOWSTONE_TRY(auto ids, dependents_.insights("evidence_ids", id));
    add(std::move(ids));
  }
  while (!open.empty()) {
    const std::string next = std::move(open.back());
    open.pop_back();
    FLOWSTONE_TRY(auto ids, dependents_.insights("insight_ids", next));
    add(std::move(ids));
  }
  return {};
}

Result<Knowledge::Judgements, std::string> Comparison::judge_all(Knowledge& knowledge) {
  Knowledge::Judgements judged;
  for (int round = 0; round < kRounds; ++round) {
    bool moved = false;
    for (const std::string& id : insights_) {
      FLOWSTONE_TRY(const auto* const insight, knowledge.insight(id));
      if (insight == nullptr) continue;
      FLOWSTONE_TRY(auto freshness, knowledge.judge(*insight, judged));
      auto& known = judged[id];
      moved = moved || round == 0 || known.value != freshness.value || known.support != freshness.support;
      known = std::move(freshness);
    }
    if (!moved) break;
  }
  return judged;
}

Result<void, std::string> Comparison::compare_insights() {
  FLOWSTONE_TRY(auto before, judge_all(before_));
  FLOWSTONE_TRY(auto after, judge_all(after_));
  ImpactEntries changed;
  for (auto& [id, now] : after) {
    auto& then = before[id];
    if (then.value == now.value && then.support == now.support) continue;
    FLOWSTONE_TRY(const auto* const insight, after_.insight(id));
    auto entry = std::make_unique<schemas::ImpactEntryT>();
    entry->entity = "insight-" + id;
    entry->title = insight->title;
    entry->before = std::make_unique<schemas::FreshnessT>(std::move(then));
    entry->after = std::make_unique<schemas::FreshnessT>(std::move(now));
    changed.push_back(std::move(entry));
  }
  std::ranges::sort(changed, {}, [](const auto& entry) {
    return std::tuple(-static_cast<int>(entry->after->value), -static_cast<int>(entry->after->support),
                      std::string_view(entry->entity));
  });
  std::ranges::move(changed, std::back_inserter(entries_));
  return {};
}

}  // namespace

Result<ImpactEntries, std::string> impact_of(Catalog& catalog, Library& library, const ReadState& read,
                                             const ImpactQuestion& question) {
  return Comparison(catalog, library, read, question).run();
}

}  // namespace flowstone::projections
