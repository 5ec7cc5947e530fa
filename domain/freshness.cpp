#include "domain/freshness.hpp"

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "domain/freshness/tokens.hpp"

namespace flowstone::domain {

namespace {

using schemas::AnchorT;
using schemas::CauseCategory;
using schemas::CauseT;
using schemas::EvidenceStatus;
using schemas::EvidenceT;
using schemas::FreshnessFlag;
using schemas::FreshnessT;
using schemas::InsightStatus;
using schemas::InsightT;
using schemas::Materiality;
using schemas::TraceT;
using schemas::Verdict;

struct Grade {
  FreshnessFlag value = FreshnessFlag::fresh;
  FreshnessFlag support = FreshnessFlag::fresh;

  [[nodiscard]] FreshnessFlag worse() const { return std::max(value, support); }
};

constexpr Grade kSupportInDoubt{FreshnessFlag::fresh, FreshnessFlag::review};
constexpr Grade kSupportGone{FreshnessFlag::fresh, FreshnessFlag::stale};
constexpr Grade kStale{FreshnessFlag::stale, FreshnessFlag::stale};

// The words that the insight was checked against.
struct Traced {
  std::string_view digest;
  std::string_view exact;
  std::uint32_t version = 0;
};

template <class Table>
const Table* with_id(std::span<const Table> tables, std::string_view id) {
  const auto found = std::ranges::find(tables, id, &Table::id);
  return found == tables.end() ? nullptr : &*found;
}

const TraceT* trace_of(const InsightT& insight, std::string_view entity) {
  const auto found = std::ranges::find(insight.trace, entity, &TraceT::entity);
  return found == insight.trace.end() ? nullptr : found->get();
}

std::string_view quote_of(const EvidenceT& evidence) {
  return evidence.source && evidence.source->selector ? evidence.source->selector->exact : std::string_view();
}

Traced traced_words(const InsightT& insight, const EvidenceT& evidence) {
  const std::uint32_t source_version = evidence.source ? evidence.source->version : 0;
  if (const TraceT* trace = trace_of(insight, "evidence-" + evidence.id))
    return {trace->digest, trace->exact, trace->version.value_or(source_version)};
  return {evidence.digest, quote_of(evidence), source_version};
}

// The newest that counts; null if none does.
const AnchorT* present_anchor(const EvidenceT& evidence, const WithdrawnVersions& withdrawn,
                              const OutlivedAnchors& outlived) {
  const AnchorT* newest = nullptr;
  for (const auto& anchor : evidence.anchors) {
    const bool counts =
        !withdrawn.contains({evidence.bundle_id, anchor->version}) || outlived.contains({evidence.id, anchor->version});
    if (counts && (!newest || anchor->version > newest->version)) newest = anchor.get();
  }
  return newest;
}

bool is_found(const AnchorT& anchor) { return anchor.verdict != Verdict::lost && anchor.verdict != Verdict::ambiguous; }

// Words that are nowhere have no digest: then it is the version that was looked at, or one that did not change it.
bool says_what_was_traced(const AnchorT& anchor, const Traced& traced) {
  if (anchor.digest.empty() || !is_found(anchor))
    return anchor.digest == traced.digest && anchor.version <= traced.version;
  return anchor.digest == traced.digest;
}

// How much the words weigh against the traced ones. An anchor is weighed against the source: where it says what the
// source said, it is the traced words that were changed.
Materiality weight_of(const AnchorT& anchor, const Traced& traced, const EvidenceT& evidence) {
  if (anchor.materiality != Materiality::none) return anchor.materiality;
  const AnchorT* seen = nullptr;
  for (const auto& each : evidence.anchors) {
    if (each->version <= traced.version && (!seen || each->version > seen->version)) seen = each.get();
  }
  return !seen || seen->materiality == Materiality::none ? Materiality::material : seen->materiality;
}

Grade grade_of(Materiality weight, const InsightT& insight, const AnchorT& anchor, const Traced& traced) {
  switch (weight) {
    case Materiality::none:
    case Materiality::cosmetic:
      return kSupportInDoubt;
    case Materiality::reworded: {
      using freshness::stands_in;
      const bool still_says_so = insight.claim && stands_in(insight.claim->value, traced.exact) &&
                                 stands_in(insight.claim->value, anchor.exact);
      return still_says_so ? kSupportInDoubt : kStale;
    }
    case Materiality::material:
      break;
  }
  return kStale;
}

class Judgement {
 public:
  Judgement(const InsightT& insight, const WithdrawnVersions& withdrawn, const OutlivedAnchors& outlived)
      : insight_(insight), withdrawn_(withdrawn), outlived_(outlived) {}

  void weigh(const EvidenceT& evidence) {
    const Traced traced = traced_words(insight_, evidence);
    if (evidence.status == EvidenceStatus::withdrawn) {
      const auto& why = evidence.withdraw_reason;
      return retract(evidence, traced,
                     why.empty() ? "The evidence was withdrawn." : "The evidence was withdrawn: " + why);
    }
    if (withdrawn_.contains({evidence.bundle_id, traced.version}))
      return retract(evidence, traced,
                     "Version " + std::to_string(traced.version) + ", which it quotes, was withdrawn.");
    if (const AnchorT* anchor = present_anchor(evidence, withdrawn_, outlived_)) compare(evidence, *anchor, traced);
  }

  void weigh(const InsightT& input) {
    const std::string stream = "insight-" + input.id;
    if (input.status == InsightStatus::withdrawn)
      return rest_on(stream, CauseCategory::retraction, kSupportGone, input, "was withdrawn.");
    if (input.status == InsightStatus::superseded)
      return rest_on(stream, CauseCategory::dependency, kSupportGone, input, "was superseded by another insight.");
    const TraceT* trace = trace_of(insight_, stream);
    if (!input.freshness || (trace && trace->version && *trace->version == input.revision)) return;
    if (input.freshness->value == FreshnessFlag::stale)
      return rest_on(stream, CauseCategory::dependency, kSupportGone, input, "states what no longer holds.");
    if (std::max(input.freshness->value, input.freshness->support) != FreshnessFlag::fresh)
      rest_on(stream, CauseCategory::dependency, kSupportInDoubt, input, "is in doubt itself.");
  }

  FreshnessT take() && { return std::move(freshness_); }

 private:
  void compare(const EvidenceT& evidence, const AnchorT& anchor, const Traced& traced) {
    if (says_what_was_traced(anchor, traced)) return;
    Grade grade = kSupportInDoubt;
    if (anchor.verdict == Verdict::lost) grade = kStale;
    if (is_found(anchor)) grade = grade_of(weight_of(anchor, traced, evidence), insight_, anchor, traced);
    CauseT cause = cause_of(evidence, traced, CauseCategory::content);
    cause.verdict = anchor.verdict;
    cause.materiality = anchor.materiality;
    cause.document = anchor.document;
    cause.to_version = anchor.version;
    cause.new_quote = anchor.exact;
    for (const auto& change : anchor.changes) cause.changes.push_back(std::make_unique<schemas::WordChangeT>(*change));
    cause.position = anchor.position;
    cause.reason = anchor.document + ", version " + std::to_string(anchor.version) + ": " +
                   (anchor.reason.empty() ? sentence_for(anchor) : anchor.reason);
    add(grade, std::move(cause));
  }

  static std::string sentence_for(const AnchorT& anchor) {
    if (anchor.verdict == Verdict::lost) return "the quote is not there any more.";
    if (anchor.verdict == Verdict::ambiguous) return "the quote may be in several places; a person must choose.";
    return "other words stand in its place.";
  }

  void retract(const EvidenceT& evidence, const Traced& traced, std::string reason) {
    CauseT cause = cause_of(evidence, traced, CauseCategory::retraction);
    cause.document = evidence.document;
    cause.reason = std::move(reason);
    add(kSupportGone, std::move(cause));
  }

  static CauseT cause_of(const EvidenceT& evidence, const Traced& traced, CauseCategory category) {
    CauseT cause;
    cause.entity = "evidence-" + evidence.id;
    cause.category = category;
    cause.bundle_id = evidence.bundle_id;
    cause.from_version = traced.version;
    cause.old_quote = traced.exact;
    return cause;
  }

  void rest_on(const std::string& stream, CauseCategory category, Grade grade, const InsightT& input,
               std::string_view what) {
    CauseT cause;
    cause.entity = stream;
    cause.category = category;
    cause.reason = "\"" + input.title + "\", which it rests on, ";
    cause.reason += what;
    add(grade, std::move(cause));
  }

  void add(Grade grade, CauseT cause) {
    cause.flag = grade.worse();
    freshness_.value = std::max(freshness_.value, grade.value);
    freshness_.support = std::max(freshness_.support, grade.support);
    freshness_.causes.push_back(std::make_unique<CauseT>(std::move(cause)));
  }

  const InsightT& insight_;
  const WithdrawnVersions& withdrawn_;
  const OutlivedAnchors& outlived_;
  FreshnessT freshness_;
};

}  // namespace

FreshnessT judge(const InsightT& insight, std::span<const EvidenceT> evidence, std::span<const InsightT> inputs,
                 const WithdrawnVersions& withdrawn, const OutlivedAnchors& outlived) {
  Judgement judgement(insight, withdrawn, outlived);
  for (const std::string& id : insight.evidence_ids) {
    if (const EvidenceT* found = with_id(evidence, id)) judgement.weigh(*found);
  }
  for (const std::string& id : insight.insight_ids) {
    if (const InsightT* found = with_id(inputs, id)) judgement.weigh(*found);
  }
  return std::move(judgement).take();
}

}  // namespace flowstone::domain
