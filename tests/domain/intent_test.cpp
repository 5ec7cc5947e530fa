#include "domain/intent.hpp"

#include <gtest/gtest.h>

#include "tests/domain/story.hpp"

namespace flowstone::domain {
namespace {

using namespace schemas;  // NOLINT: the tables' names are the language of these tests

IntentCreatedT created() {
  IntentCreatedT event;
  event.code = "DEEP_WORK";
  event.name = "Deep work";
  event.description = "Without interruption";
  return event;
}

UpdateIntentT rename(std::string name) {
  UpdateIntentT command;
  command.name = std::move(name);
  return command;
}

using IntentStory = Story<Intent>;

TEST(Intent, IsRegisteredWithEverythingThatWasGiven) {
  CreateIntentT command;
  command.code = "DEEP_WORK";
  command.name = "Deep work";
  command.description = "Without interruption";
  const auto ending = IntentStory().when(command);
  EXPECT_EQ(ending.recorded, Types{"intent.created"});
  EXPECT_EQ(ending.state.code, "DEEP_WORK");
  EXPECT_EQ(ending.state.name, "Deep work");
  EXPECT_EQ(ending.state.description, "Without interruption");
  EXPECT_FALSE(ending.state.archived);
}

TEST(Intent, IsNotRegisteredTwice) {
  EXPECT_EQ(IntentStory().given(created()).when(CreateIntentT{}).refused, "intent_exists");
}

TEST(Intent, ThatDoesNotExistTakesNoCommand) {
  EXPECT_EQ(IntentStory().when(UpdateIntentT{}).refused, "intent_not_found");
  EXPECT_EQ(IntentStory().when(ArchiveIntentT{}).refused, "intent_not_found");
  EXPECT_EQ(IntentStory().when(RestoreIntentT{}).refused, "intent_not_found");
}

TEST(Intent, UpdateRecordsOnlyWhatChanged) {
  auto command = rename("Focus");
  command.code = "DEEP_WORK";  // as it was
  const auto ending = IntentStory().given(created()).when(command);
  ASSERT_EQ(ending.recorded, Types{"intent.updated"});
  EXPECT_EQ(ending.events[0].AsIntentUpdated()->code, "");
  EXPECT_EQ(ending.events[0].AsIntentUpdated()->name, "Focus");
  EXPECT_EQ(ending.state.code, "DEEP_WORK");
  EXPECT_EQ(ending.state.name, "Focus");
}

TEST(Intent, UpdatingTwiceChangesNothing) {
  IntentStory story;
  story.given(created()).when(rename("Focus"));
  EXPECT_EQ(story.when(rename("Focus")).recorded, Types{});
}

TEST(Intent, ItsDescriptionMayBeRemovedAndNothingElse) {
  UpdateIntentT command;
  command.cleared = {"description"};
  EXPECT_EQ(IntentStory().given(created()).when(command).state.description, "");
  command.cleared = {"code"};
  EXPECT_EQ(IntentStory().given(created()).when(command).field, "code");
  command.cleared = {"name"};
  EXPECT_EQ(IntentStory().given(created()).when(command).field, "name");
}

TEST(Intent, ACodeMayChangeItsCase) {
  UpdateIntentT command;
  command.code = "deep_work";
  EXPECT_EQ(IntentStory().given(created()).when(command).state.code, "deep_work");
}

TEST(Intent, ArchivedTakesNoChangeButRestoring) {
  const auto ending = IntentStory().given(created(), IntentArchivedT{}).when(rename("Focus"));
  EXPECT_EQ(ending.refused, "intent_archived");
  EXPECT_NE(ending.detail.find("restore it first"), std::string::npos);
}

TEST(Intent, ArchivingTwiceChangesNothing) {
  IntentStory story;
  const auto first = story.given(created()).when(ArchiveIntentT{});
  EXPECT_EQ(first.recorded, Types{"intent.archived"});
  EXPECT_TRUE(first.state.archived);
  EXPECT_EQ(first.state.archived_at, kNow.micros);
  EXPECT_EQ(story.when(ArchiveIntentT{}).recorded, Types{});
}

TEST(Intent, RestoringBringsItBackOnce) {
  IntentStory story;
  const auto first = story.given(created(), IntentArchivedT{}).when(RestoreIntentT{});
  EXPECT_EQ(first.recorded, Types{"intent.restored"});
  EXPECT_FALSE(first.state.archived);
  EXPECT_FALSE(first.state.archived_at.has_value());
  EXPECT_EQ(story.when(RestoreIntentT{}).recorded, Types{});
}

}  // namespace
}  // namespace flowstone::domain
