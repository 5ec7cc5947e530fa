#include "domain/freshness.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "domain/freshness/tokens.hpp"
#include "schemas/packed.hpp"
#include "tests/domain/quotes.hpp"
#include "tests/domain/random_document_commands.hpp"

namespace flowstone::domain {
namespace {

using namespace schemas;  // NOLINT: the tables' names are the language of these tests
using testing::HasSubstr;
using Flag = FreshnessFlag;

const std::string kOld = "The fee is 12 % of the net price.";
const std::string kNew = "The fee is 15 % of the net price.";
const std::string kReworded = "Of the net price, 12 % are the fee.";

EvidenceT evidence_of(std::string id, const std::vector<AnchorT>& later) {
  EvidenceT evidence;
  evidence.id = std::move(id);
  evidence.bundle_id = kBundleId;
  evidence.source = source_of(kOld);
  evidence.document = "contract.md";
  evidence.digest = "digest of " + kOld;
  return with_anchors(with_anchors(std::move(evidence), {anchor_at(1, kOld)}), later);
}

InsightT insight_on(std::vector<std::string> evidence_ids) {
  InsightT insight;
  insight.id = "i0";
  insight.title = "The supplier takes 12 %";
  insight.evidence_ids = std::move(evidence_ids);
  insight.freshness = std::make_unique<FreshnessT>();
  return insight;
}

InsightT claiming(std::string value) {
  auto insight = insight_on({"e1"});
  insight.claim = std::make_unique<ClaimT>();
  insight.claim->value = std::move(value);
  return insight;
}

void trace(InsightT& insight, std::string entity, const std::string& exact, std::uint32_t version) {
  auto entry = std::make_unique<TraceT>();
  entry->entity = std::move(entity);
  if (!exact.empty()) entry->digest = "digest of " + exact;
  entry->exact = exact;
  entry->version = version;
  insight.trace.push_back(std::move(entry));
}

FreshnessT judge_one(const InsightT& insight, const EvidenceT& evidence, const WithdrawnVersions& withdrawn = {}) {
  return judge(insight, std::span(&evidence, 1), {}, withdrawn);
}

struct Flags {
  Flag value;
  Flag support;
  bool operator==(const Flags&) const = default;
};

void PrintTo(const Flags& flags, std::ostream* out) {
  *out << EnumNameFreshnessFlag(flags.value) << "/" << EnumNameFreshnessFlag(flags.support);
}

Flags flags_of(const FreshnessT& freshness) { return {freshness.value, freshness.support}; }

constexpr Flags kAllFresh{Flag::fresh, Flag::fresh};
constexpr Flags kSupportInDoubt{Flag::fresh, Flag::review};
constexpr Flags kSupportGone{Flag::fresh, Flag::stale};
constexpr Flags kAllStale{Flag::stale, Flag::stale};

Flags flags_after(const AnchorT& anchor) {
  return flags_of(judge_one(insight_on({"e1"}), evidence_of("e1", {anchor})));
}

TEST(Freshness, TheSameWordsAreFreshWhereverTheyStand) {
  EXPECT_EQ(flags_after(anchor_at(2, kOld, Verdict::same)), kAllFresh);
  EXPECT_EQ(flags_after(anchor_at(2, kOld, Verdict::moved)), kAllFresh);
  EXPECT_EQ(flags_after(anchor_at(2, kOld, Verdict::reparsed)), kAllFresh);
}

TEST(Freshness, ChangesAreGradedByTheirWeight) {
  EXPECT_EQ(flags_after(anchor_at(2, "the fee", Verdict::changed, Materiality::cosmetic)), kSupportInDoubt);
  EXPECT_EQ(flags_after(anchor_at(2, kReworded, Verdict::changed, Materiality::reworded)), kAllStale);
  EXPECT_EQ(flags_after(anchor_at(2, kNew, Verdict::changed, Materiality::material)), kAllStale);
  EXPECT_EQ(flags_after(anchor_at(2, kNew, Verdict::moved_changed, Materiality::material)), kAllStale);
  EXPECT_EQ(flags_after(anchor_at(2, "", Verdict::lost)), kAllStale);
  EXPECT_EQ(flags_after(anchor_at(2, "", Verdict::ambiguous)), kSupportInDoubt);
}

TEST(Freshness, TheSameWordsInSeveralPlacesAreAmbiguousAllTheSame) {
  EXPECT_EQ(flags_after(anchor_at(2, kOld, Verdict::ambiguous)), kSupportInDoubt);
}

TEST(Freshness, RewordedAroundAClaimsValueOnlyTheSupportIsInDoubt) {
  const auto evidence = evidence_of("e1", {anchor_at(2, kReworded, Verdict::changed, Materiality::reworded)});
  EXPECT_EQ(flags_of(judge_one(claiming("12 %"), evidence)), kSupportInDoubt);
  EXPECT_EQ(flags_of(judge_one(claiming("gross"), evidence)), kAllStale);
  EXPECT_EQ(flags_of(judge_one(claiming("The fee"), evidence)), kAllStale);  // in the old words alone
  EXPECT_EQ(flags_of(judge_one(claiming("Of"), evidence)), kAllStale);       // in the new words alone
}

TEST(Freshness, AMaterialChangeIsStaleThoughTheClaimsValueStands) {
  const auto evidence = evidence_of("e1", {anchor_at(2, kReworded, Verdict::changed, Materiality::material)});
  EXPECT_EQ(flags_of(judge_one(claiming("12 %"), evidence)), kAllStale);
}

TEST(Freshness, ACauseNamesTheWordsAndWhereTheyStand) {
  auto anchor = anchor_at(2, kNew, Verdict::changed, Materiality::material);
  anchor.reason = "1 word changed in its place; a number is among them.";
  anchor.position = 42;
  anchor.changes.push_back(std::make_unique<WordChangeT>());
  anchor.changes[0]->old_text = "12";
  anchor.changes[0]->new_text = "15";
  const auto freshness = judge_one(insight_on({"e1"}), evidence_of("e1", {anchor}));
  ASSERT_EQ(freshness.causes.size(), 1);
  const CauseT& cause = *freshness.causes[0];
  EXPECT_EQ(cause.entity, "evidence-e1");
  EXPECT_EQ(cause.category, CauseCategory::content);
  EXPECT_EQ(cause.verdict, Verdict::changed);
  EXPECT_EQ(cause.materiality, Materiality::material);
  EXPECT_EQ(cause.flag, Flag::stale);
  EXPECT_EQ(cause.bundle_id, kBundleId);
  EXPECT_EQ(cause.document, "contract.md");
  EXPECT_EQ(cause.from_version, 1);
  EXPECT_EQ(cause.to_version, 2);
  EXPECT_EQ(cause.old_quote, kOld);
  EXPECT_EQ(cause.new_quote, kNew);
  ASSERT_EQ(cause.changes.size(), 1);
  EXPECT_EQ(cause.changes[0]->new_text, "15");
  EXPECT_EQ(cause.position, 42);
  EXPECT_EQ(cause.reason, "contract.md, version 2: 1 word changed in its place; a number is among them.");
}

TEST(Freshness, WhatWasConfirmedIsFreshUntilItChangesAgain) {
  auto insight = insight_on({"e1"});
  trace(insight, "evidence-e1", kNew, 2);
  const auto changed = anchor_at(2, kNew, Verdict::changed, Materiality::material);
  EXPECT_EQ(flags_of(judge_one(insight, evidence_of("e1", {changed}))), kAllFresh);
  const auto again = anchor_at(3, "The fee is 20 %.", Verdict::changed, Materiality::material);
  const auto freshness = judge_one(insight, evidence_of("e1", {changed, again}));
  EXPECT_EQ(flags_of(freshness), kAllStale);
  EXPECT_EQ(freshness.causes[0]->from_version, 2);
  EXPECT_EQ(freshness.causes[0]->old_quote, kNew);
}

TEST(Freshness, GoingBackOnWhatWasConfirmedWeighsWhatTheChangeWeighed) {
  auto insight = insight_on({"e1"});
  trace(insight, "evidence-e1", kNew, 2);
  const auto evidence = [](Materiality materiality) {
    return evidence_of("e1", {anchor_at(2, kNew, Verdict::changed, materiality), anchor_at(3, kOld)});
  };
  EXPECT_EQ(flags_of(judge_one(insight, evidence(Materiality::material))), kAllStale);
  EXPECT_EQ(flags_of(judge_one(insight, evidence(Materiality::cosmetic))), kSupportInDoubt);
}

TEST(Freshness, ALossThatWasConfirmedIsFreshInThatVersionOnly) {
  auto insight = insight_on({"e1"});
  trace(insight, "evidence-e1", "", 2);
  const auto lost = anchor_at(2, "", Verdict::lost);
  EXPECT_EQ(flags_of(judge_one(insight, evidence_of("e1", {lost}))), kAllFresh);
  EXPECT_EQ(flags_of(judge_one(insight, evidence_of("e1", {lost, anchor_at(3, "", Verdict::lost)}))), kAllStale);
}

TEST(Freshness, WithdrawnEvidenceSupportsNothing) {
  auto evidence = evidence_of("e1", {});
  evidence.status = EvidenceStatus::withdrawn;
  evidence.withdraw_reason = "Quoted from a draft.";
  const auto freshness = judge_one(insight_on({"e1"}), evidence);
  EXPECT_EQ(flags_of(freshness), kSupportGone);
  EXPECT_EQ(freshness.causes[0]->category, CauseCategory::retraction);
  EXPECT_THAT(freshness.causes[0]->reason, HasSubstr("Quoted from a draft."));
}

TEST(Freshness, AWithdrawnSourceVersionSupportsNothing) {
  const auto freshness = judge_one(insight_on({"e1"}), evidence_of("e1", {anchor_at(2, kOld)}), {{kBundleId, 1}});
  EXPECT_EQ(flags_of(freshness), kSupportGone);
  EXPECT_EQ(freshness.causes[0]->category, CauseCategory::retraction);
  EXPECT_EQ(flags_of(judge_one(insight_on({"e1"}), evidence_of("e1", {}), {{"another bundle", 1}})), kAllFresh);
}

TEST(Freshness, WhatAWithdrawnVersionSaysDoesNotCount) {
  const auto evidence = evidence_of("e1", {anchor_at(2, kNew, Verdict::changed, Materiality::material)});
  EXPECT_EQ(flags_of(judge_one(insight_on({"e1"}), evidence, {{kBundleId, 2}})), kAllFresh);
}

TEST(Freshness, WhatAWithdrawnVersionSaysCountsWhereALaterOneDidNotChangeIt) {
  const auto evidence = evidence_of("e1", {anchor_at(2, kNew, Verdict::changed, Materiality::material)});
  const auto freshness = judge(insight_on({"e1"}), std::span(&evidence, 1), {}, {{kBundleId, 2}}, {{"e1", 2}});
  EXPECT_EQ(flags_of(freshness), kAllStale);
}

TEST(Freshness, ConfirmedOnALaterVersionItNeedsThatOneAndNotItsSource) {
  auto insight = insight_on({"e1"});
  trace(insight, "evidence-e1", kNew, 2);
  const auto evidence = evidence_of("e1", {anchor_at(2, kNew, Verdict::changed, Materiality::material)});
  EXPECT_EQ(flags_of(judge_one(insight, evidence, {{kBundleId, 1}})), kAllFresh);
  EXPECT_EQ(flags_of(judge_one(insight, evidence, {{kBundleId, 2}})), kSupportGone);
}

FreshnessT judge_resting_on(const InsightT& input, std::uint32_t traced_revision = 0) {
  auto insight = insight_on({"e1"});
  insight.insight_ids = {input.id};
  if (traced_revision != 0) trace(insight, "insight-" + input.id, "", traced_revision);
  const auto evidence = evidence_of("e1", {});
  return judge(insight, std::span(&evidence, 1), std::span(&input, 1));
}

InsightT input_with(Flag value, Flag support) {
  auto input = insight_on({});
  input.id = "i1";
  input.revision = 7;
  input.freshness->value = value;
  input.freshness->support = support;
  return input;
}

TEST(Freshness, DoubtsPassOnToWhatRestsOnThem) {
  EXPECT_EQ(flags_of(judge_resting_on(input_with(Flag::fresh, Flag::fresh))), kAllFresh);
  EXPECT_EQ(flags_of(judge_resting_on(input_with(Flag::fresh, Flag::review))), kSupportInDoubt);
  EXPECT_EQ(flags_of(judge_resting_on(input_with(Flag::fresh, Flag::stale))), kSupportInDoubt);
  const auto freshness = judge_resting_on(input_with(Flag::stale, Flag::stale));
  EXPECT_EQ(flags_of(freshness), kSupportGone);
  EXPECT_EQ(freshness.causes[0]->entity, "insight-i1");
  EXPECT_EQ(freshness.causes[0]->category, CauseCategory::dependency);
}

TEST(Freshness, ADoubtThatWasConfirmedIsSettledUntilTheInsightChanges) {
  EXPECT_EQ(flags_of(judge_resting_on(input_with(Flag::stale, Flag::stale), 7)), kAllFresh);
  EXPECT_EQ(flags_of(judge_resting_on(input_with(Flag::stale, Flag::stale), 6)), kSupportGone);
}

TEST(Freshness, ClosedInsightsSupportNothingWhateverWasConfirmed) {
  auto input = input_with(Flag::fresh, Flag::fresh);
  input.status = InsightStatus::superseded;
  EXPECT_EQ(flags_of(judge_resting_on(input, 7)), kSupportGone);
  EXPECT_EQ(judge_resting_on(input).causes[0]->category, CauseCategory::dependency);
  input.status = InsightStatus::withdrawn;
  EXPECT_EQ(flags_of(judge_resting_on(input, 7)), kSupportGone);
  EXPECT_EQ(judge_resting_on(input).causes[0]->category, CauseCategory::retraction);
}

TEST(Freshness, TheWorstGroundDecidesAndEachHasItsCause) {
  const std::vector<EvidenceT> evidence = [] {
    std::vector<EvidenceT> all;
    all.push_back(evidence_of("e3", {anchor_at(2, kNew, Verdict::changed, Materiality::material)}));
    all.push_back(evidence_of("e1", {anchor_at(2, "the fee", Verdict::changed, Materiality::cosmetic)}));
    all.push_back(evidence_of("e2", {}));
    all.push_back(evidence_of("unrelated", {anchor_at(2, "", Verdict::lost)}));
    return all;
  }();
  const auto freshness = judge(insight_on({"e1", "e2", "e3"}), evidence, {});
  EXPECT_EQ(flags_of(freshness), kAllStale);
  ASSERT_EQ(freshness.causes.size(), 2);
  EXPECT_EQ(freshness.causes[0]->entity, "evidence-e1");
  EXPECT_EQ(freshness.causes[0]->flag, Flag::review);
  EXPECT_EQ(freshness.causes[1]->entity, "evidence-e3");
  EXPECT_EQ(freshness.causes[1]->flag, Flag::stale);
}

TEST(Tokens, AValueStandsInATextTokenByToken) {
  using freshness::stands_in;
  EXPECT_TRUE(stands_in("12 %", "takes 12\n % of"));
  EXPECT_TRUE(stands_in("12%", "12 %"));
  EXPECT_TRUE(stands_in("12", "(12)."));
  EXPECT_TRUE(stands_in("1,234.5", "is 1,234.5, net"));
  EXPECT_TRUE(stands_in("Gebühr", "die Gebühr."));
  EXPECT_FALSE(stands_in("12", "112"));
  EXPECT_FALSE(stands_in("12", "12.5"));
  EXPECT_FALSE(stands_in("Fee", "fee"));
  EXPECT_FALSE(stands_in("Geb", "Gebühr"));
  EXPECT_FALSE(stands_in("12 % net", "12 %"));
  EXPECT_FALSE(stands_in(" ", "12"));
  EXPECT_FALSE(stands_in("12", ""));
}

AnchorT any_later_anchor(std::uint32_t version) {
  return anchor_at(
      version, any_of<std::string>({kOld, kNew, kReworded, ""}),
      any_of<Verdict>({Verdict::same, Verdict::moved, Verdict::changed, Verdict::ambiguous, Verdict::lost}),
      any_of<Materiality>({Materiality::none, Materiality::cosmetic, Materiality::reworded, Materiality::material}));
}

EvidenceT any_evidence(std::string id) {
  std::vector<AnchorT> later;
  const auto newest = *rc::gen::inRange<std::uint32_t>(1, 5);
  for (std::uint32_t version = 2; version <= newest; ++version) later.push_back(any_later_anchor(version));
  auto evidence = evidence_of(std::move(id), later);
  if (*rc::gen::inRange(0, 6) == 0) evidence.status = EvidenceStatus::withdrawn;
  return evidence;
}

std::vector<EvidenceT> any_body_of_evidence() {
  std::vector<EvidenceT> evidence;
  for (const char* id : {"e1", "e2", "e3"}) evidence.push_back(any_evidence(id));
  return evidence;
}

InsightT any_insight() {
  auto insight = claiming(any_of<std::string>({"12 %", "15 %", "gross"}));
  insight.evidence_ids = {"e1", "e2", "e3"};
  return insight;
}

RC_GTEST_PROP(Freshness, IsTheSameEveryTimeAndInWhateverOrderTheEvidenceComes, ()) {
  const auto insight = any_insight();
  auto evidence = any_body_of_evidence();
  const Bytes judged = pack(judge(insight, evidence, {}));
  RC_ASSERT(pack(judge(insight, evidence, {})) == judged);
  std::ranges::rotate(evidence, evidence.begin() + *rc::gen::inRange(0, 3));
  if (by_chance()) std::swap(evidence[0], evidence[1]);
  RC_ASSERT(pack(judge(insight, evidence, {})) == judged);
}

RC_GTEST_PROP(Freshness, IsRestoredWhenTheWordsComeBack, ()) {
  const auto insight = any_insight();
  auto evidence = any_body_of_evidence();
  for (EvidenceT& each : evidence) {
    each.status = EvidenceStatus::active;
    each = with_anchors(std::move(each), {anchor_at(9, kOld, any_of<Verdict>({Verdict::same, Verdict::moved}))});
  }
  const auto freshness = judge(insight, evidence, {});
  RC_ASSERT(flags_of(freshness) == kAllFresh);
  RC_ASSERT(freshness.causes.empty());
}

RC_GTEST_PROP(Freshness, IsAsBadAsItsWorstCause, ()) {
  const auto evidence = any_body_of_evidence();
  const auto freshness = judge(any_insight(), evidence, {});
  auto worst = Flag::fresh;
  for (const auto& cause : freshness.causes) {
    RC_ASSERT(cause->flag != Flag::fresh);
    worst = std::max(worst, cause->flag);
  }
  RC_ASSERT(worst == std::max(freshness.value, freshness.support));
}

RC_GTEST_PROP(Freshness, IsGoodAgainOnceEverythingIsConfirmed, ()) {
  auto insight = any_insight();
  const auto evidence = any_body_of_evidence();
  for (const EvidenceT& each : evidence) {
    RC_PRE(each.status == EvidenceStatus::active);
    trace(insight, "evidence-" + each.id, each.anchors.back()->exact, each.anchors.back()->version);
  }
  RC_ASSERT(flags_of(judge(insight, evidence, {})) == kAllFresh);
}

}  // namespace
}  // namespace flowstone::domain
