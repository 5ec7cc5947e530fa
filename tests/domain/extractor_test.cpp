#include "domain/extractor.hpp"

#include <gtest/gtest.h>

#include "tests/domain/story.hpp"

namespace flowstone::domain {
namespace {

using namespace schemas;  // NOLINT: the tables' names are the language of these tests

ExtractorCreatedT created() {
  ExtractorCreatedT event;
  event.name = "term";
  event.type = ExtractedType::number;
  event.pattern = "(\\d+) days";
  event.heading = "Payment";
  return event;
}

using ExtractorStory = Story<Extractor>;

TEST(Extractor, IsDefinedWithEverythingThatWasGiven) {
  CreateExtractorT command;
  command.name = "term";
  command.description = "Days until an invoice is due.";
  command.bundle_id = kId;
  command.type = ExtractedType::number;
  command.pattern = "(\\d+) days";
  command.heading = "Payment";
  command.column = "Term";
  const auto ending = ExtractorStory().when(command);
  EXPECT_EQ(ending.recorded, Types{"extractor.created"});
  EXPECT_EQ(ending.state.name, "term");
  EXPECT_EQ(ending.state.description, "Days until an invoice is due.");
  EXPECT_EQ(ending.state.bundle_id, kId);
  EXPECT_EQ(ending.state.type, ExtractedType::number);
  EXPECT_EQ(ending.state.pattern, "(\\d+) days");
  EXPECT_EQ(ending.state.heading, "Payment");
  EXPECT_EQ(ending.state.column, "Term");
}

TEST(Extractor, IsNotDefinedTwice) {
  EXPECT_EQ(ExtractorStory().given(created()).when(CreateExtractorT{}).refused, "extractor_exists");
}

TEST(Extractor, MustLookSomewhere) {
  CreateExtractorT command;
  command.name = "term";
  const auto ending = ExtractorStory().when(command);
  EXPECT_EQ(ending.refused, "invalid_field");
  EXPECT_EQ(ending.field, "pattern");
  command.column = "Price";
  EXPECT_EQ(ExtractorStory().when(command).recorded, Types{"extractor.created"});
}

TEST(Extractor, NamesOfBuiltInOnesAreTaken) {
  for (const std::string_view name : kBuiltInExtractors) {
    CreateExtractorT command;
    command.name = name;
    command.pattern = "a";
    EXPECT_EQ(ExtractorStory().when(command).field, "name") << name;
    UpdateExtractorT update;
    update.name = name;
    EXPECT_EQ(ExtractorStory().given(created()).when(update).field, "name") << name;
  }
}

TEST(Extractor, ThatDoesNotExistTakesNoCommand) {
  EXPECT_EQ(ExtractorStory().when(UpdateExtractorT{}).refused, "extractor_not_found");
  EXPECT_EQ(ExtractorStory().when(ArchiveExtractorT{}).refused, "extractor_not_found");
  EXPECT_EQ(ExtractorStory().when(RestoreExtractorT{}).refused, "extractor_not_found");
}

TEST(Extractor, UpdateRecordsOnlyWhatChanged) {
  UpdateExtractorT command;
  command.pattern = "(\\d+) days";  // as it was
  command.type = ExtractedType::text;
  ExtractorStory story;
  const auto ending = story.given(created()).when(command);
  ASSERT_EQ(ending.recorded, Types{"extractor.updated"});
  EXPECT_EQ(ending.events[0].AsExtractorUpdated()->pattern, "");
  EXPECT_EQ(ending.state.type, ExtractedType::text);
  EXPECT_EQ(ending.state.pattern, "(\\d+) days");
  EXPECT_EQ(story.when(command).recorded, Types{});
}

TEST(Extractor, TheLastPlaceToLookCannotBeRemoved) {
  ExtractorStory story;
  UpdateExtractorT command;
  command.cleared = {"heading"};
  EXPECT_EQ(story.given(created()).when(command).state.heading, "");
  command.cleared = {"pattern"};
  EXPECT_EQ(story.when(command).field, "pattern");
  command.column = "Price";
  const auto ending = story.when(command);
  EXPECT_EQ(ending.state.pattern, "");
  EXPECT_EQ(ending.state.column, "Price");
  for (const std::string name : {"name", "type"}) {
    UpdateExtractorT removal;
    removal.cleared = {name};
    EXPECT_EQ(story.when(removal).field, name);
  }
}

TEST(Extractor, ArchivedTakesNothingButRestoring) {
  ExtractorStory story;
  const auto archived = story.given(created()).when(ArchiveExtractorT{});
  EXPECT_EQ(archived.recorded, Types{"extractor.archived"});
  EXPECT_EQ(archived.state.archived_at, kNow.micros);
  EXPECT_EQ(story.when(ArchiveExtractorT{}).recorded, Types{});
  UpdateExtractorT command;
  command.name = "other";
  EXPECT_EQ(story.when(command).refused, "extractor_archived");
  const auto restored = story.when(RestoreExtractorT{});
  EXPECT_EQ(restored.recorded, Types{"extractor.restored"});
  EXPECT_FALSE(restored.state.archived);
  EXPECT_FALSE(restored.state.archived_at.has_value());
  EXPECT_EQ(story.when(RestoreExtractorT{}).recorded, Types{});
}

}  // namespace
}  // namespace flowstone::domain
