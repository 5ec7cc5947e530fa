#include "domain/bundle.hpp"

#include <gtest/gtest.h>

#include "tests/domain/story.hpp"

namespace flowstone::domain {
namespace {

using namespace schemas;  // NOLINT: the tables' names are the language of these tests

using BundleStory = Story<Bundle>;

BundleCreatedT created() {
  BundleCreatedT event;
  event.name = "Supplier contract";
  event.description = "With its annexes.";
  return event;
}

BundleVersionAddedT added(std::uint32_t number) {
  BundleVersionAddedT event;
  event.number = number;
  event.run_id = "run " + std::to_string(number);
  return event;
}

template <class Table>
Table numbered(std::uint32_t number) {
  Table table;
  table.number = number;
  return table;
}

const auto published = numbered<BundleVersionPublishedT>;
const auto failed = numbered<BundleVersionFailedT>;
const auto anchored = numbered<BundleVersionAnchoredT>;
const auto withdrawn = numbered<BundleVersionWithdrawnT>;

AddBundleVersionT add(std::string run_id) {
  AddBundleVersionT command;
  command.run_id = std::move(run_id);
  return command;
}

TEST(Bundle, IsCreatedWithEverythingThatWasGivenAndWithoutVersions) {
  CreateBundleT command;
  command.name = "Supplier contract";
  command.description = "With its annexes.";
  const auto ending = BundleStory().when(command);
  EXPECT_EQ(ending.recorded, Types{"bundle.created"});
  EXPECT_EQ(ending.state.name, "Supplier contract");
  EXPECT_EQ(ending.state.description, "With its annexes.");
  EXPECT_TRUE(ending.state.versions.empty());
  EXPECT_FALSE(ending.state.latest_version.has_value());
  EXPECT_FALSE(ending.state.busy);
}

TEST(Bundle, IsNotCreatedTwice) {
  EXPECT_EQ(BundleStory().given(created()).when(CreateBundleT{}).refused, "bundle_exists");
}

TEST(Bundle, ThatDoesNotExistTakesNoCommand) {
  EXPECT_EQ(BundleStory().when(UpdateBundleT{}).refused, "bundle_not_found");
  EXPECT_EQ(BundleStory().when(AddBundleVersionT{}).refused, "bundle_not_found");
  EXPECT_EQ(BundleStory().when(WithdrawBundleVersionT{}).refused, "bundle_not_found");
}

TEST(Bundle, UpdateRecordsOnlyWhatChangedAndOnlyOnce) {
  BundleStory story;
  story.given(created());
  UpdateBundleT command;
  command.name = "Contract";
  command.description = "With its annexes.";  // as it was
  const auto ending = story.when(command);
  ASSERT_EQ(ending.recorded, Types{"bundle.updated"});
  EXPECT_EQ(ending.events[0].AsBundleUpdated()->description, "");
  EXPECT_EQ(ending.state.name, "Contract");
  EXPECT_EQ(story.when(command).recorded, Types{});
}

TEST(Bundle, ItsDescriptionMayBeRemovedAndItsNameMayNot) {
  UpdateBundleT command;
  command.cleared = {"description"};
  EXPECT_EQ(BundleStory().given(created()).when(command).state.description, "");
  command.cleared = {"name"};
  EXPECT_EQ(BundleStory().given(created()).when(command).field, "name");
}

TEST(Bundle, AVersionIsIngestedUnderTheNextNumber) {
  auto command = add("run 2");
  command.label = "signed";
  command.document_count = 3;
  command.size_bytes = 12'345;
  command.upload = "digest of the files";
  const auto ending = BundleStory().given(created(), added(1), failed(1)).when(command);
  ASSERT_EQ(ending.recorded, Types{"bundle.version_added"});
  ASSERT_EQ(ending.state.versions.size(), 2);
  const auto& version = *ending.state.versions[1];
  EXPECT_EQ(version.number, 2);
  EXPECT_EQ(version.status, VersionStatus::ingesting);
  EXPECT_EQ(version.run_id, "run 2");
  EXPECT_EQ(version.label, "signed");
  EXPECT_EQ(version.document_count, 3);
  EXPECT_EQ(version.size_bytes, 12'345);
  EXPECT_EQ(version.upload, "digest of the files");
  EXPECT_EQ(version.added_at, kNow.micros);
  EXPECT_EQ(version.added_by, "key:tester");
  EXPECT_TRUE(ending.state.busy);
  EXPECT_FALSE(ending.state.latest_version.has_value());
}

TEST(Bundle, OneVersionIsIngestedAtATime) {
  const auto ending = BundleStory().given(created(), added(1)).when(add("another run"));
  EXPECT_EQ(ending.refused, "version_in_progress");
  EXPECT_EQ(ending.kind, Rejection::Kind::conflict);
}

TEST(Bundle, TheVersionOfARunIsAddedOnce) {
  BundleStory story;
  story.given(created()).when(add("run 1"));
  EXPECT_EQ(story.when(add("run 1")).recorded, Types{});
  story.given(published(1), anchored(1));
  EXPECT_EQ(story.when(add("run 1")).recorded, Types{});
}

TEST(Bundle, HasAtMostAThousandVersions) {
  BundleStory story;
  story.given(created());
  for (std::uint32_t number = 1; number < Bundle::kMaxVersions; ++number) story.given(added(number), failed(number));
  EXPECT_EQ(story.when(add("the last")).state.versions.back()->number, 1000);
  story.given(failed(1000));
  EXPECT_EQ(story.when(add("one more")).refused, "too_many_versions");
}

TEST(Bundle, APublishedVersionIsTheLatestAndBusyUntilItsQuotesHaveBeenLookedFor) {
  BundleStory story;
  story.given(created(), added(1));
  auto command = numbered<PublishBundleVersionT>(1);
  command.manifest = "digest of the documents";
  const auto ending = story.when(command);
  EXPECT_EQ(ending.recorded, Types{"bundle.version_published"});
  EXPECT_EQ(ending.state.versions[0]->status, VersionStatus::published);
  EXPECT_EQ(ending.state.versions[0]->manifest, "digest of the documents");
  EXPECT_EQ(ending.state.versions[0]->published_at, kNow.micros);
  EXPECT_EQ(ending.state.latest_version, 1);
  EXPECT_TRUE(ending.state.busy);
  EXPECT_EQ(story.when(command).recorded, Types{});
  const auto looked_for = story.when(numbered<CompleteBundleAnchoringT>(1));
  EXPECT_EQ(looked_for.recorded, Types{"bundle.version_anchored"});
  EXPECT_TRUE(looked_for.state.versions[0]->anchored);
  EXPECT_FALSE(looked_for.state.busy);
  EXPECT_EQ(story.when(numbered<CompleteBundleAnchoringT>(1)).recorded, Types{});
}

TEST(Bundle, AFailedVersionLeavesTheOneBeforeItServing) {
  BundleStory story;
  story.given(created(), added(1), published(1), anchored(1), added(2));
  auto command = numbered<FailBundleVersionT>(2);
  command.error = "contract.pdf: is no PDF";
  const auto ending = story.when(command);
  EXPECT_EQ(ending.recorded, Types{"bundle.version_failed"});
  EXPECT_EQ(ending.state.versions[1]->status, VersionStatus::failed);
  EXPECT_EQ(ending.state.versions[1]->error, "contract.pdf: is no PDF");
  EXPECT_EQ(ending.state.latest_version, 1);
  EXPECT_FALSE(ending.state.busy);
  EXPECT_EQ(story.when(command).recorded, Types{});
}

TEST(Bundle, AVersionEndsItsIngestOnlyOnce) {
  EXPECT_EQ(BundleStory().given(created(), added(1), failed(1)).when(numbered<PublishBundleVersionT>(1)).refused,
            "version_failed");
  EXPECT_EQ(BundleStory().given(created(), added(1), published(1)).when(numbered<FailBundleVersionT>(1)).refused,
            "version_published");
}

TEST(Bundle, WithdrawingTheNewestVersionBringsTheOneBeforeItBack) {
  BundleStory story;
  story.given(created(), added(1), published(1), anchored(1), added(2), published(2));
  auto command = numbered<WithdrawBundleVersionT>(2);
  command.reason = "Signed by the wrong person.";
  const auto ending = story.when(command);
  EXPECT_EQ(ending.recorded, Types{"bundle.version_withdrawn"});
  EXPECT_EQ(ending.state.versions[1]->status, VersionStatus::withdrawn);
  EXPECT_EQ(ending.state.versions[1]->withdraw_reason, "Signed by the wrong person.");
  EXPECT_EQ(ending.state.versions[1]->withdrawn_by, "key:tester");
  EXPECT_EQ(ending.state.versions[1]->withdrawn_at, kNow.micros);
  EXPECT_EQ(ending.state.latest_version, 1);
  EXPECT_FALSE(ending.state.busy);
  EXPECT_EQ(story.when(command).recorded, Types{});
  EXPECT_FALSE(story.when(numbered<WithdrawBundleVersionT>(1)).state.latest_version.has_value());
}

TEST(Bundle, AWithdrawnVersionIsNotPublishedAgainButItsQuotesMayStillBeLookedFor) {
  BundleStory story;
  story.given(created(), added(1), published(1), withdrawn(1));
  EXPECT_EQ(story.when(numbered<PublishBundleVersionT>(1)).recorded, Types{});
  EXPECT_EQ(story.when(numbered<CompleteBundleAnchoringT>(1)).recorded, Types{"bundle.version_anchored"});
  EXPECT_EQ(story.state().versions[0]->status, VersionStatus::withdrawn);
}

TEST(Bundle, OnlyWhatWasPublishedIsWithdrawnOrLookedThrough) {
  EXPECT_EQ(BundleStory().given(created(), added(1)).when(numbered<WithdrawBundleVersionT>(1)).refused,
            "version_not_published");
  EXPECT_EQ(BundleStory().given(created(), added(1), failed(1)).when(numbered<WithdrawBundleVersionT>(1)).refused,
            "version_not_published");
  EXPECT_EQ(BundleStory().given(created(), added(1)).when(numbered<CompleteBundleAnchoringT>(1)).refused,
            "version_not_published");
}

TEST(Bundle, AVersionThatThereIsNotIsNotFound) {
  BundleStory story;
  story.given(created(), added(1), published(1));
  for (const std::uint32_t number : {0U, 2U}) {
    EXPECT_EQ(story.when(numbered<PublishBundleVersionT>(number)).refused, "version_not_found");
    EXPECT_EQ(story.when(numbered<FailBundleVersionT>(number)).refused, "version_not_found");
    EXPECT_EQ(story.when(numbered<CompleteBundleAnchoringT>(number)).refused, "version_not_found");
    const auto ending = story.when(numbered<WithdrawBundleVersionT>(number));
    EXPECT_EQ(ending.refused, "version_not_found");
    EXPECT_EQ(ending.kind, Rejection::Kind::not_found);
  }
}

}  // namespace
}  // namespace flowstone::domain
