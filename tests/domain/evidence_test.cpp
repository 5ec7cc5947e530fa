#include "domain/evidence.hpp"

#include <gtest/gtest.h>

#include "tests/domain/quotes.hpp"
#include "tests/domain/story.hpp"

namespace flowstone::domain {
namespace {

using namespace schemas;  // NOLINT: the tables' names are the language of these tests

using EvidenceStory = Story<Evidence>;

const std::string kOld = "The fee is 12 %.";
const std::string kNew = "The fee is 15 %.";

EvidenceCreatedT created(std::uint32_t version = 1) {
  EvidenceCreatedT event;
  event.source = source_of(kOld, version);
  event.digest = "digest of " + kOld;
  return event;
}

CreateEvidenceT quote(const std::vector<AnchorT>& anchors) {
  CreateEvidenceT command;
  command.source = source_of(kOld);
  command.note = "What the calculation uses.";
  return with_anchors(std::move(command), anchors);
}

AnchorEvidenceT found(const std::vector<AnchorT>& anchors) { return with_anchors(AnchorEvidenceT{}, anchors); }

AnchorT changed_at(std::uint32_t version) { return anchor_at(version, kNew, Verdict::changed, Materiality::material); }

PlaceEvidenceT place(const AnchorT& anchor) {
  PlaceEvidenceT command;
  command.version = anchor.version;
  command.document = anchor.document;
  command.selector = std::make_unique<QuoteSelectorT>();
  command.anchor = std::make_unique<AnchorT>(anchor);
  return command;
}

TEST(Evidence, IsAQuoteWithThePlaceWhereTheServerFoundIt) {
  const auto ending = EvidenceStory().when(quote({anchor_at(1, kOld)}));
  ASSERT_EQ(ending.recorded, Types{"evidence.created"});
  EXPECT_EQ(ending.events[0].AsEvidenceCreated()->source->selector->end, 16);
  const auto& state = ending.state;
  EXPECT_EQ(state.status, EvidenceStatus::active);
  EXPECT_EQ(state.bundle_id, kBundleId);
  EXPECT_EQ(state.note, "What the calculation uses.");
  EXPECT_EQ(state.digest, "digest of " + kOld);
  EXPECT_EQ(state.document, "contract.md");
  EXPECT_EQ(state.verdict, Verdict::same);
  EXPECT_EQ(state.anchored_version, 1);
  ASSERT_EQ(state.anchors.size(), 1);
  EXPECT_EQ(state.anchors[0]->version, 1);
  EXPECT_EQ(state.anchors[0]->verdict, Verdict::same);
  EXPECT_EQ(state.anchors[0]->start, 0);
  EXPECT_EQ(state.anchors[0]->end, 16);
  EXPECT_EQ(state.anchors[0]->exact, kOld);
  EXPECT_EQ(state.anchors[0]->digest, "digest of " + kOld);
}

TEST(Evidence, ThatTheServerDidNotFindIsRefused) {
  const auto ending = EvidenceStory().when(quote({}));
  EXPECT_EQ(ending.field, "source");
  EXPECT_EQ(ending.kind, Rejection::Kind::invalid);
}

TEST(Evidence, OfAnOlderVersionIsAnchoredInTheLaterOnesAtOnce) {
  const auto ending = EvidenceStory().when(quote({anchor_at(1, kOld), anchor_at(2, kOld), changed_at(4)}));
  EXPECT_EQ(ending.recorded, (Types{"evidence.created", "evidence.anchored", "evidence.anchored"}));
  EXPECT_EQ(ending.state.anchors.size(), 3);
  EXPECT_EQ(ending.state.verdict, Verdict::changed);
  EXPECT_EQ(ending.state.materiality, Materiality::material);
  EXPECT_EQ(ending.state.anchored_version, 4);
}

TEST(Evidence, IsNotRecordedTwice) {
  EXPECT_EQ(EvidenceStory().given(created()).when(quote({anchor_at(1, kOld)})).refused, "evidence_exists");
}

TEST(Evidence, ThatDoesNotExistTakesNoCommand) {
  EXPECT_EQ(EvidenceStory().when(AnchorEvidenceT{}).refused, "evidence_not_found");
  EXPECT_EQ(EvidenceStory().when(PlaceEvidenceT{}).refused, "evidence_not_found");
  EXPECT_EQ(EvidenceStory().when(WithdrawEvidenceT{}).refused, "evidence_not_found");
}

TEST(Evidence, AnAnchorIsRecordedOnce) {
  EvidenceStory story;
  story.given(created());
  EXPECT_EQ(story.when(found({changed_at(2)})).recorded, Types{"evidence.anchored"});
  EXPECT_EQ(story.when(found({changed_at(2)})).recorded, Types{});
  EXPECT_EQ(story.state().anchors.size(), 2);
}

TEST(Evidence, AnotherFindingForTheSameVersionTakesThePlaceOfTheFirst) {
  EvidenceStory story;
  story.given(created()).when(found({changed_at(2)}));
  const auto ending = story.when(found({anchor_at(2, kOld, Verdict::moved)}));
  EXPECT_EQ(ending.recorded, Types{"evidence.anchored"});
  EXPECT_EQ(ending.state.anchors.size(), 2);
  EXPECT_EQ(ending.state.verdict, Verdict::moved);
}

TEST(Evidence, OfTwoFindingsForOneVersionTheLastCounts) {
  EvidenceStory story;
  story.given(created());
  const auto told = found({changed_at(2), anchor_at(2, kOld)});
  EXPECT_EQ(story.when(told).recorded, Types{"evidence.anchored"});
  EXPECT_EQ(story.state().verdict, Verdict::same);
  EXPECT_EQ(story.when(told).recorded, Types{});
}

TEST(Evidence, AnchorsStandInTheOrderOfTheirVersions) {
  EvidenceStory story;
  story.given(created(3)).when(found({changed_at(7)}));
  const auto ending = story.when(found({anchor_at(5, kOld), anchor_at(3, kNew), anchor_at(2, kNew)}));
  EXPECT_EQ(ending.recorded, Types{"evidence.anchored"});
  ASSERT_EQ(ending.state.anchors.size(), 3);
  EXPECT_EQ(ending.state.anchors[0]->version, 3);
  EXPECT_EQ(ending.state.anchors[0]->exact, kOld);
  EXPECT_EQ(ending.state.anchors[1]->version, 5);
  EXPECT_EQ(ending.state.anchors[2]->version, 7);
  EXPECT_EQ(ending.state.verdict, Verdict::changed);
}

TEST(Evidence, TheDocumentIsThatOfTheNewestVersion) {
  auto renamed = anchor_at(2, kOld);
  renamed.document = "contract-2030.md";
  EXPECT_EQ(EvidenceStory().given(created()).when(found({renamed})).state.document, "contract-2030.md");
}

TEST(Evidence, PlacedWhereTheWordsAreTheSameIsTheSame) {
  EvidenceStory story;
  story.given(created()).when(found({anchor_at(2, "", Verdict::ambiguous)}));
  const auto ending = story.when(place(anchor_at(2, kOld, Verdict::moved_changed, Materiality::reworded)));
  EXPECT_EQ(ending.recorded, Types{"evidence.placed"});
  EXPECT_EQ(ending.state.verdict, Verdict::same);
  EXPECT_EQ(ending.state.materiality, Materiality::none);
  EXPECT_EQ(ending.state.anchors[1]->placed_by, "key:tester");
  EXPECT_EQ(story.when(place(anchor_at(2, kOld, Verdict::moved_changed, Materiality::reworded))).recorded, Types{});
}

TEST(Evidence, PlacedOnOtherWordsKeepsWhatTheServerSaysAboutThem) {
  const auto ending = EvidenceStory().given(created()).when(place(changed_at(2)));
  EXPECT_EQ(ending.recorded, Types{"evidence.placed"});
  EXPECT_EQ(ending.state.verdict, Verdict::changed);
  EXPECT_EQ(ending.state.materiality, Materiality::material);
}

TEST(Evidence, PlacingItWhereItIsChangesNothing) {
  EvidenceStory story;
  story.given(created()).when(found({changed_at(2)}));
  EXPECT_EQ(story.when(place(changed_at(2))).recorded, Types{});
}

TEST(Evidence, APlaceThatSomebodyChoseIsNotOverruledByASearch) {
  EvidenceStory story;
  story.given(created()).when(place(changed_at(2)));
  EXPECT_EQ(story.when(found({anchor_at(2, kOld)})).recorded, Types{});
  EXPECT_EQ(story.when(place(anchor_at(2, kOld))).recorded, Types{"evidence.placed"});
}

TEST(Evidence, IsPlacedOnlyInVersionsNewerThanItsSource) {
  const auto ending = EvidenceStory().given(created(2)).when(place(changed_at(2)));
  EXPECT_EQ(ending.field, "version");
  EXPECT_EQ(ending.kind, Rejection::Kind::invalid);
}

TEST(Evidence, PlacedOnWordsThatTheServerDidNotFindIsRefused) {
  EXPECT_EQ(EvidenceStory().given(created()).when(PlaceEvidenceT{}).field, "selector");
}

TEST(Evidence, HasAtMostAThousandAnchors) {
  EvidenceStory story;
  std::vector<AnchorT> anchors;
  for (std::uint32_t version = 2; version <= Evidence::kMaxAnchors; ++version)
    anchors.push_back(anchor_at(version, kOld));
  EXPECT_EQ(story.given(created()).when(found(anchors)).state.anchors.size(), Evidence::kMaxAnchors);
  EXPECT_EQ(story.when(found({anchor_at(1001, kOld)})).refused, "too_many_anchors");
  EXPECT_EQ(story.when(place(anchor_at(1001, kOld))).refused, "too_many_anchors");
  EXPECT_EQ(story.when(found({changed_at(1000)})).recorded, Types{"evidence.anchored"});
  anchors.insert(anchors.begin(), anchor_at(1, kOld));
  anchors.push_back(anchor_at(1001, kOld));
  EXPECT_EQ(EvidenceStory().when(quote(anchors)).refused, "too_many_anchors");
}

TEST(Evidence, WithdrawingTwiceChangesNothing) {
  EvidenceStory story;
  WithdrawEvidenceT command;
  command.reason = "Quoted from a draft.";
  const auto ending = story.given(created()).when(command);
  EXPECT_EQ(ending.recorded, Types{"evidence.withdrawn"});
  EXPECT_EQ(ending.state.status, EvidenceStatus::withdrawn);
  EXPECT_EQ(ending.state.withdrawn_at, kNow.micros);
  EXPECT_EQ(ending.state.withdraw_reason, "Quoted from a draft.");
  EXPECT_EQ(story.when(WithdrawEvidenceT{}).recorded, Types{});
}

TEST(Evidence, ThatIsWithdrawnIsNeitherLookedForNorPlaced) {
  EvidenceStory story;
  story.given(created(), EvidenceWithdrawnT{});
  EXPECT_EQ(story.when(found({changed_at(2)})).recorded, Types{});
  EXPECT_EQ(story.when(place(changed_at(2))).refused, "evidence_withdrawn");
}

}  // namespace
}  // namespace flowstone::domain
