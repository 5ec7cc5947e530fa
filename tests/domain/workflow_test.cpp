#include "domain/workflow.hpp"

#include <gtest/gtest.h>

#include "tests/domain/story.hpp"

namespace flowstone::domain {
namespace {

using namespace schemas;  // NOLINT: the tables' names are the language of these tests

constexpr const char* kDefinition = R"({"body":{"StartAt":"Done","States":{"Done":{"Type":"Succeed"}}}})";
constexpr const char* kOther = R"({"body":{"StartAt":"End","States":{"End":{"Type":"Succeed"}}}})";
constexpr const char* kWrong = R"({"body":{"StartAt":"Gone","States":{"Done":{"Type":"Succeed"}}},"more":1})";

using WorkflowStory = Story<Workflow>;

WorkflowCreatedT created(const char* source = kDefinition) {
  WorkflowCreatedT event;
  event.name = "Intake";
  event.description = "Mail to task";
  event.labels = {"mail"};
  event.source = source;
  return event;
}

CreateWorkflowT creation(const char* definition = kDefinition) {
  CreateWorkflowT command;
  command.name = "Intake";
  command.definition = definition;
  return command;
}

UpdateWorkflowT new_draft(const char* source) {
  UpdateWorkflowT command;
  command.source = source;
  return command;
}

TEST(Workflow, BeginsWithADraft) {
  auto command = creation();
  command.description = "Mail to task";
  command.labels = {"mail"};
  const auto ending = WorkflowStory().when(command);
  EXPECT_EQ(ending.recorded, Types{"workflow.created"});
  EXPECT_EQ(ending.state.name, "Intake");
  EXPECT_EQ(ending.state.description, "Mail to task");
  EXPECT_EQ(ending.state.labels, (std::vector<std::string>{"mail"}));
  EXPECT_EQ(ending.state.draft_sha256.size(), 64U);
  EXPECT_FALSE(ending.state.latest_version.has_value());
}

TEST(Workflow, ADefinitionThatCameAsJsonIsKeptWithLineBreaks) {
  EXPECT_EQ(WorkflowStory().when(creation()).state.draft_source,
            "{\n  \"body\": {\n    \"StartAt\": \"Done\",\n    \"States\": {\n      \"Done\": {\n        \"Type\": "
            "\"Succeed\"\n      }\n    }\n  }\n}");
}

TEST(Workflow, TextIsKeptAsItIs) {
  CreateWorkflowT command;
  command.name = "Intake";
  command.source = "not JSON at all";
  EXPECT_EQ(WorkflowStory().when(command).state.draft_source, "not JSON at all");
}

TEST(Workflow, IsNotCreatedTwice) {
  EXPECT_EQ(WorkflowStory().given(created()).when(creation()).refused, "workflow_exists");
}

TEST(Workflow, BeginsWithOneDefinition) {
  CreateWorkflowT command;
  command.name = "Intake";
  EXPECT_EQ(WorkflowStory().when(command).field, "definition");
  command.definition = kDefinition;
  command.source = kDefinition;
  EXPECT_EQ(WorkflowStory().when(command).field, "source");
}

TEST(Workflow, ADraftHasAtMostSoManyBytes) {
  CreateWorkflowT command;
  command.name = "Intake";
  command.source = std::string(workflows::kMaxSourceBytes, ' ');
  EXPECT_EQ(WorkflowStory().when(command).recorded, Types{"workflow.created"});
  command.source += ' ';
  EXPECT_EQ(WorkflowStory().when(command).field, "source");
  EXPECT_EQ(WorkflowStory().given(created()).when(new_draft(command.source.c_str())).field, "source");
}

TEST(Workflow, ThatDoesNotExistTakesNoCommand) {
  EXPECT_EQ(WorkflowStory().when(UpdateWorkflowT{}).refused, "workflow_not_found");
  EXPECT_EQ(WorkflowStory().when(PublishWorkflowT{}).refused, "workflow_not_found");
  EXPECT_EQ(WorkflowStory().when(ArchiveWorkflowT{}).refused, "workflow_not_found");
  EXPECT_EQ(WorkflowStory().when(RestoreWorkflowT{}).refused, "workflow_not_found");
}

TEST(Workflow, UpdateRecordsOnlyWhatChanged) {
  UpdateWorkflowT command;
  command.name = "Intake";  // as it was
  command.source = kDefinition;
  command.cleared = {"description"};
  WorkflowStory story;
  const auto ending = story.given(created()).when(command);
  ASSERT_EQ(ending.recorded, Types{"workflow.updated"});
  const auto& updated = *ending.events.front().AsWorkflowUpdated();
  EXPECT_EQ(updated.name, "");
  EXPECT_EQ(updated.source, "");
  EXPECT_FALSE(updated.format.has_value());
  EXPECT_EQ(updated.cleared, (std::vector<std::string>{"description"}));
  EXPECT_EQ(ending.state.description, "");
  EXPECT_EQ(story.when(command).recorded, Types{});
}

TEST(Workflow, ANewDraftTakesThePlaceOfTheOld) {
  WorkflowStory story;
  const auto before = story.given(created()).state().draft_sha256;
  const auto ending = story.when(new_draft(kOther));
  EXPECT_EQ(ending.recorded, Types{"workflow.updated"});
  EXPECT_EQ(ending.state.draft_source, kOther);
  EXPECT_NE(ending.state.draft_sha256, before);
  EXPECT_EQ(story.when(new_draft(kOther)).recorded, Types{});
}

TEST(Workflow, KeepsItsNameAndItsDraft) {
  for (const auto* field : {"name", "definition", "source", "format"}) {
    UpdateWorkflowT command;
    command.cleared = {field};
    EXPECT_EQ(WorkflowStory().given(created()).when(command).field, field);
  }
}

TEST(Workflow, AFormatIsOfText) {
  UpdateWorkflowT command;
  command.format = DefinitionFormat::json;
  EXPECT_EQ(WorkflowStory().given(created()).when(command).field, "format");
}

TEST(Workflow, PublishMakesAVersionOfTheDraft) {
  PublishWorkflowT command;
  command.note = "first";
  WorkflowStory story;
  const auto ending = story.given(created()).when(command);
  ASSERT_EQ(ending.recorded, Types{"workflow.published"});
  const auto& published = *ending.events.front().AsWorkflowPublished();
  EXPECT_EQ(published.number, 1U);
  EXPECT_EQ(published.definition, kDefinition);
  EXPECT_EQ(published.source, kDefinition);
  EXPECT_EQ(published.states, 1U);
  EXPECT_EQ(ending.state.latest_version, 1U);
  ASSERT_EQ(ending.state.versions.size(), 1U);
  const auto& version = *ending.state.versions.front();
  EXPECT_EQ(version.sha256, published.sha256);
  EXPECT_EQ(version.note, "first");
  EXPECT_EQ(version.workflow_revision, 2U);
  EXPECT_EQ(version.published_at, kNow.micros);
  EXPECT_EQ(version.published_by, "key:tester");
}

TEST(Workflow, PublishingWhatIsPublishedChangesNothing) {
  WorkflowStory story;
  story.given(created()).when(PublishWorkflowT{});
  EXPECT_EQ(story.when(PublishWorkflowT{}).recorded, Types{});
  story.when(new_draft(R"({ "body": {"States": {"Done": {"Type": "Succeed"}}, "StartAt": "Done"} })"));
  EXPECT_EQ(story.when(PublishWorkflowT{}).recorded, Types{});
}

TEST(Workflow, AnOldDefinitionPublishedAgainIsANewVersion) {
  WorkflowStory story;
  story.given(created()).when(PublishWorkflowT{});
  story.when(new_draft(kOther));
  story.when(PublishWorkflowT{});
  story.when(new_draft(kDefinition));
  const auto ending = story.when(PublishWorkflowT{});
  EXPECT_EQ(ending.state.latest_version, 3U);
  EXPECT_EQ(ending.state.versions[0]->sha256, ending.state.versions[2]->sha256);
}

TEST(Workflow, ADraftWithErrorsIsNotPublished) {
  const auto ending = WorkflowStory().given(created(kWrong)).when(PublishWorkflowT{});
  EXPECT_EQ(ending.refused, "definition_has_errors");
  EXPECT_EQ(ending.kind, Rejection::Kind::conflict);
  EXPECT_EQ(ending.detail, "The draft has 3 errors; the first is in line 1: there is no state \"Gone\" to start at.");
}

TEST(Workflow, HasAtMostSoManyVersions) {
  WorkflowStory story;
  story.given(created());
  for (std::uint32_t number = 1; number <= Workflow::kMaxVersions; ++number) {
    WorkflowPublishedT published;
    published.number = number;
    published.sha256 = "of another";
    story.given(published);
  }
  EXPECT_EQ(story.when(PublishWorkflowT{}).refused, "too_many_versions");
}

TEST(Workflow, AnArchivedOneIsRestoredFirst) {
  WorkflowStory story;
  const auto archived = story.given(created()).when(ArchiveWorkflowT{});
  EXPECT_EQ(archived.recorded, Types{"workflow.archived"});
  EXPECT_TRUE(archived.state.archived);
  EXPECT_EQ(archived.state.archived_at, kNow.micros);
  EXPECT_EQ(story.when(ArchiveWorkflowT{}).recorded, Types{});
  EXPECT_EQ(story.when(new_draft(kOther)).refused, "workflow_archived");
  EXPECT_EQ(story.when(PublishWorkflowT{}).refused, "workflow_archived");
  const auto restored = story.when(RestoreWorkflowT{});
  EXPECT_EQ(restored.recorded, Types{"workflow.restored"});
  EXPECT_FALSE(restored.state.archived);
  EXPECT_FALSE(restored.state.archived_at.has_value());
  EXPECT_EQ(story.when(RestoreWorkflowT{}).recorded, Types{});
}

}  // namespace
}  // namespace flowstone::domain
