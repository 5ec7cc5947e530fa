#include "domain/insight.hpp"

#include <gtest/gtest.h>

#include "tests/domain/story.hpp"

namespace flowstone::domain {
namespace {

using namespace schemas;  // NOLINT: the tables' names are the language of these tests

using InsightStory = Story<Insight>;

std::unique_ptr<ClaimT> claim_of(std::string value) {
  auto claim = std::make_unique<ClaimT>();
  claim->subject = "  Supplier Contract ";
  claim->field = "Fee";
  claim->value = std::move(value);
  return claim;
}

InsightCreatedT created() {
  InsightCreatedT event;
  event.title = "The supplier takes 12 %";
  event.body = "Of the net price.";
  event.evidence_ids = {"e1", "e2"};
  event.insight_ids = {"i1"};
  event.confidence = 0.9;
  event.claim = claim_of("12 %");
  return event;
}

template <class Table>
Table with_trace(Table table, std::string entity, std::string digest) {
  auto entry = std::make_unique<TraceT>();
  entry->entity = std::move(entity);
  entry->digest = std::move(digest);
  table.trace.push_back(std::move(entry));
  return table;
}

std::unique_ptr<CauseT> because_of(std::string entity) {
  auto cause = std::make_unique<CauseT>();
  cause->entity = std::move(entity);
  cause->reason = "It changed.";
  return cause;
}

AssessInsightT assessed(FreshnessFlag value, FreshnessFlag support, const std::vector<std::string>& causes) {
  AssessInsightT command;
  command.value = value;
  command.support = support;
  for (const auto& entity : causes) command.causes.push_back(because_of(entity));
  return command;
}

AmendInsightT retitled(std::string title) {
  AmendInsightT command;
  command.title = std::move(title);
  return command;
}

SupersedeInsightT superseded_by(std::string id) {
  SupersedeInsightT command;
  command.superseded_by = std::move(id);
  return command;
}

TEST(Insight, IsWrittenDownAsAFreshDraftWithEverythingThatWasGiven) {
  CreateInsightT command;
  command.title = "The supplier takes 12 %";
  command.body = "Of the net price.";
  command.evidence_ids = {"e1"};
  command.insight_ids = {"i1"};
  command.confidence = 0.9;
  command.claim = claim_of("12 %");
  const auto ending = InsightStory().when(command);
  EXPECT_EQ(ending.recorded, Types{"insight.created"});
  const auto& state = ending.state;
  EXPECT_EQ(state.title, "The supplier takes 12 %");
  EXPECT_EQ(state.body, "Of the net price.");
  EXPECT_EQ(state.evidence_ids, std::vector<std::string>{"e1"});
  EXPECT_EQ(state.insight_ids, std::vector<std::string>{"i1"});
  EXPECT_EQ(state.confidence, 0.9);
  ASSERT_TRUE(state.claim);
  EXPECT_EQ(state.claim->value, "12 %");
  EXPECT_EQ(state.claim_key, "supplier contract / fee");
  EXPECT_EQ(state.status, InsightStatus::draft);
  ASSERT_TRUE(state.freshness);
  EXPECT_EQ(state.freshness->value, FreshnessFlag::fresh);
  EXPECT_EQ(state.freshness->support, FreshnessFlag::fresh);
  EXPECT_EQ(state.freshness->since, kNow.micros);
  EXPECT_TRUE(state.freshness->causes.empty());
  EXPECT_EQ(state.freshness_flag, FreshnessFlag::fresh);
}

TEST(Insight, WithoutAClaimHasNoClaimKey) {
  auto event = created();
  event.claim.reset();
  EXPECT_EQ(InsightStory().given(std::move(event)).state().claim_key, "");
}

TEST(Insight, RestsOnEvidence) {
  const auto ending = InsightStory().when(CreateInsightT{});
  EXPECT_EQ(ending.field, "evidence_ids");
  EXPECT_EQ(ending.kind, Rejection::Kind::invalid);
}

TEST(Insight, CannotRestOnItself) {
  CreateInsightT create;
  create.evidence_ids = {"e1"};
  create.insight_ids = {std::string(kId)};
  EXPECT_EQ(InsightStory().when(create).field, "insight_ids");
  AmendInsightT amend;
  amend.insight_ids = {std::string(kId)};
  EXPECT_EQ(InsightStory().given(created()).when(amend).field, "insight_ids");
}

TEST(Insight, IsNotWrittenDownTwice) {
  EXPECT_EQ(InsightStory().given(created()).when(CreateInsightT{}).refused, "insight_exists");
}

TEST(Insight, ThatDoesNotExistTakesNoCommand) {
  EXPECT_EQ(InsightStory().when(AmendInsightT{}).refused, "insight_not_found");
  EXPECT_EQ(InsightStory().when(ReviewInsightT{}).refused, "insight_not_found");
  EXPECT_EQ(InsightStory().when(AssessInsightT{}).refused, "insight_not_found");
}

TEST(Insight, AmendingRecordsOnlyWhatChangedAndOnlyOnce) {
  InsightStory story;
  story.given(created());
  auto command = retitled("The supplier takes 15 %");
  command.body = "Of the net price.";  // as it was
  command.claim = claim_of("15 %");
  const auto ending = story.when(command);
  ASSERT_EQ(ending.recorded, Types{"insight.amended"});
  EXPECT_EQ(ending.events[0].AsInsightAmended()->body, "");
  EXPECT_EQ(ending.state.title, "The supplier takes 15 %");
  EXPECT_EQ(ending.state.claim->value, "15 %");
  EXPECT_EQ(story.when(command).recorded, Types{});
}

TEST(Insight, ATraceAloneIsNoAmendment) {
  EXPECT_EQ(InsightStory().given(created()).when(with_trace(AmendInsightT{}, "evidence-e1", "d1")).recorded, Types{});
}

TEST(Insight, EverythingButTitleAndEvidenceMayBeRemoved) {
  AmendInsightT command;
  command.cleared = {"body", "insight_ids", "confidence", "claim"};
  const auto ending = InsightStory().given(created()).when(command);
  EXPECT_EQ(ending.state.body, "");
  EXPECT_TRUE(ending.state.insight_ids.empty());
  EXPECT_FALSE(ending.state.confidence.has_value());
  EXPECT_FALSE(ending.state.claim);
  EXPECT_EQ(ending.state.claim_key, "");
  command.cleared = {"title"};
  EXPECT_EQ(InsightStory().given(created()).when(command).field, "title");
  command.cleared = {"evidence_ids"};
  EXPECT_EQ(InsightStory().given(created()).when(command).field, "evidence_ids");
}

TEST(Insight, IsPublishedOnceItIsReviewed) {
  InsightStory story;
  story.given(created());
  EXPECT_EQ(story.when(PublishInsightT{}).refused, "insight_not_reviewed");
  const auto reviewed = story.when(ReviewInsightT{});
  EXPECT_EQ(reviewed.recorded, Types{"insight.reviewed"});
  EXPECT_EQ(reviewed.state.status, InsightStatus::reviewed);
  EXPECT_EQ(reviewed.state.reviewed_at, kNow.micros);
  EXPECT_EQ(reviewed.state.reviewed_by, "key:tester");
  EXPECT_EQ(story.when(ReviewInsightT{}).recorded, Types{});
  const auto published = story.when(PublishInsightT{});
  EXPECT_EQ(published.recorded, Types{"insight.published"});
  EXPECT_EQ(published.state.status, InsightStatus::published);
  EXPECT_EQ(published.state.published_at, kNow.micros);
  EXPECT_EQ(story.when(PublishInsightT{}).recorded, Types{});
  EXPECT_EQ(story.when(ReviewInsightT{}).recorded, Types{});
}

TEST(Insight, ThatIsAmendedIsADraftAgain) {
  const auto ending = InsightStory()
                          .given(created(), InsightReviewedT{}, InsightPublishedT{}, InsightConfirmedT{})
                          .when(retitled("The supplier takes 15 %"));
  EXPECT_EQ(ending.state.status, InsightStatus::draft);
  EXPECT_FALSE(ending.state.reviewed_at.has_value());
  EXPECT_EQ(ending.state.reviewed_by, "");
  EXPECT_FALSE(ending.state.published_at.has_value());
  EXPECT_FALSE(ending.state.confirmed_at.has_value());
}

TEST(Insight, AmendingAndConfirmingReplaceTheTracesTheyName) {
  InsightStory story;
  story.given(created(), with_trace(with_trace(InsightConfirmedT{}, "evidence-e1", "d1"), "evidence-e2", "d2"));
  const auto ending = story.when(with_trace(ConfirmInsightT{}, "evidence-e1", "d9"));
  EXPECT_EQ(ending.recorded, Types{"insight.confirmed"});
  EXPECT_EQ(ending.state.confirmed_by, "key:tester");
  EXPECT_EQ(ending.state.confirmed_at, kNow.micros);
  ASSERT_EQ(ending.state.trace.size(), 2);
  EXPECT_EQ(ending.state.trace[0]->digest, "d9");
  EXPECT_EQ(ending.state.trace[1]->digest, "d2");
  const auto amended = story.when(with_trace(retitled("15 %"), "evidence-e2", "d8"));
  EXPECT_EQ(amended.state.trace[1]->digest, "d8");
}

TEST(Insight, NothingIsTracedThatItDoesNotRestOn) {
  InsightStory story;
  story.given(created()).when(with_trace(with_trace(ConfirmInsightT{}, "evidence-e9", "d9"), "insight-i1", ""));
  ASSERT_EQ(story.state().trace.size(), 1);
  EXPECT_EQ(story.state().trace[0]->entity, "insight-i1");
  AmendInsightT command;
  command.cleared = {"insight_ids"};
  EXPECT_TRUE(story.when(command).state.trace.empty());
}

TEST(Insight, ConfirmingTheSameWordsTwiceChangesNothing) {
  InsightStory story;
  story.given(created());
  EXPECT_EQ(story.when(ConfirmInsightT{}).recorded, Types{"insight.confirmed"});
  EXPECT_EQ(story.when(ConfirmInsightT{}).recorded, Types{});
  const auto command = with_trace(ConfirmInsightT{}, "evidence-e1", "d1");
  EXPECT_EQ(story.when(command).recorded, Types{"insight.confirmed"});
  EXPECT_EQ(story.when(command).recorded, Types{});
}

TEST(Insight, AnAssessmentIsRecordedIfItIsNews) {
  InsightStory story;
  story.given(created());
  EXPECT_EQ(story.when(assessed(FreshnessFlag::fresh, FreshnessFlag::fresh, {})).recorded, Types{});
  story.at({kNow.micros + 10});
  const auto ending = story.when(assessed(FreshnessFlag::fresh, FreshnessFlag::review, {"evidence-e1", "evidence-e2"}));
  EXPECT_EQ(ending.recorded, Types{"insight.freshness_changed"});
  EXPECT_EQ(ending.state.freshness_flag, FreshnessFlag::review);
  EXPECT_EQ(ending.state.freshness->since, kNow.micros + 10);
  ASSERT_EQ(ending.state.freshness->causes.size(), 2);
  EXPECT_EQ(ending.state.freshness->causes[0]->entity, "evidence-e1");
  EXPECT_EQ(story.when(assessed(FreshnessFlag::fresh, FreshnessFlag::review, {"evidence-e2", "evidence-e1"})).recorded,
            Types{});
}

TEST(Insight, OtherCausesOfTheSameAreNewsButNoNewBeginning) {
  InsightStory story;
  story.given(created()).when(assessed(FreshnessFlag::stale, FreshnessFlag::stale, {"evidence-e1"}));
  story.at({kNow.micros + 10});
  const auto ending = story.when(assessed(FreshnessFlag::stale, FreshnessFlag::stale, {"evidence-e2"}));
  EXPECT_EQ(ending.recorded, Types{"insight.freshness_changed"});
  EXPECT_EQ(ending.state.freshness->since, kNow.micros);
  EXPECT_EQ(ending.state.freshness->causes[0]->entity, "evidence-e2");
  EXPECT_EQ(ending.state.freshness_flag, FreshnessFlag::stale);
}

TEST(Insight, ThatIsClosedIsNotAssessed) {
  EXPECT_EQ(InsightStory()
                .given(created(), InsightWithdrawnT{})
                .when(assessed(FreshnessFlag::stale, FreshnessFlag::stale, {"evidence-e1"}))
                .recorded,
            Types{});
}

TEST(Insight, AnotherTakesItsPlaceOnce) {
  InsightStory story;
  const auto ending = story.given(created()).when(superseded_by("i2"));
  EXPECT_EQ(ending.recorded, Types{"insight.superseded"});
  EXPECT_EQ(ending.state.status, InsightStatus::superseded);
  EXPECT_EQ(ending.state.superseded_by, "i2");
  EXPECT_EQ(story.when(superseded_by("i2")).recorded, Types{});
  EXPECT_EQ(story.when(superseded_by("i3")).refused, "insight_closed");
}

TEST(Insight, CannotTakeItsOwnPlace) {
  EXPECT_EQ(InsightStory().given(created()).when(superseded_by(std::string(kId))).field, "superseded_by");
}

TEST(Insight, IsTakenBackOnce) {
  InsightStory story;
  WithdrawInsightT command;
  command.reason = "Rests on a misreading.";
  const auto ending = story.given(created(), InsightReviewedT{}, InsightPublishedT{}).when(command);
  EXPECT_EQ(ending.recorded, Types{"insight.withdrawn"});
  EXPECT_EQ(ending.state.status, InsightStatus::withdrawn);
  EXPECT_EQ(ending.state.withdraw_reason, "Rests on a misreading.");
  EXPECT_EQ(story.when(WithdrawInsightT{}).recorded, Types{});
}

TEST(Insight, ThatIsClosedTakesNoChange) {
  InsightSupersededT superseded;
  superseded.superseded_by = "i2";
  InsightStory story;
  story.given(created(), std::move(superseded));
  EXPECT_EQ(story.when(retitled("15 %")).refused, "insight_closed");
  EXPECT_EQ(story.when(ReviewInsightT{}).refused, "insight_closed");
  EXPECT_EQ(story.when(PublishInsightT{}).refused, "insight_closed");
  EXPECT_EQ(story.when(ConfirmInsightT{}).refused, "insight_closed");
  EXPECT_EQ(story.when(WithdrawInsightT{}).refused, "insight_closed");
  EXPECT_EQ(InsightStory().given(created(), InsightWithdrawnT{}).when(superseded_by("i2")).refused, "insight_closed");
}

}  // namespace
}  // namespace flowstone::domain
