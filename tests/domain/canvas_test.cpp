#include "domain/canvas.hpp"

#include <gtest/gtest.h>

#include "tests/domain/story.hpp"

namespace flowstone::domain {
namespace {

using namespace schemas;  // NOLINT: the tables' names are the language of these tests

using CanvasStory = Story<Canvas>;
using Streams = std::vector<std::string>;

CanvasCreatedT created() {
  CanvasCreatedT event;
  event.title = "Supplier fees";
  event.description = "What we pay.";
  return event;
}

CanvasPinnedT pinned(std::uint32_t number, std::string entity, std::uint64_t revision = 3) {
  CanvasPinnedT event;
  event.number = number;
  event.entity = std::move(entity);
  event.revision = revision;
  event.note = "Decide.";
  return event;
}

PinToCanvasT pin(std::string entity, std::uint64_t revision = 3) {
  PinToCanvasT command;
  command.entity = std::move(entity);
  command.revision = revision;
  command.note = "Decide.";
  return command;
}

PinToCanvasT pin_diff(std::uint32_t from, std::uint32_t to) {
  PinToCanvasT command;
  command.diff = std::make_unique<PinnedDiffT>();
  command.diff->bundle_id = "b1";
  command.diff->from = from;
  command.diff->to = to;
  command.diff->kind = "document";
  return command;
}

UpdatePinT update_of(std::uint32_t number) {
  UpdatePinT command;
  command.number = number;
  return command;
}

UnpinFromCanvasT unpin(std::uint32_t number) {
  UnpinFromCanvasT command;
  command.number = number;
  return command;
}

TEST(Canvas, IsCreatedEmptyWithEverythingThatWasGiven) {
  CreateCanvasT command;
  command.title = "Supplier fees";
  command.description = "What we pay.";
  const auto ending = CanvasStory().when(command);
  EXPECT_EQ(ending.recorded, Types{"canvas.created"});
  EXPECT_EQ(ending.state.title, "Supplier fees");
  EXPECT_EQ(ending.state.description, "What we pay.");
  EXPECT_TRUE(ending.state.pins.empty());
  EXPECT_FALSE(ending.state.archived);
}

TEST(Canvas, IsNotCreatedTwice) {
  EXPECT_EQ(CanvasStory().given(created()).when(CreateCanvasT{}).refused, "canvas_exists");
}

TEST(Canvas, ThatDoesNotExistTakesNoCommand) {
  EXPECT_EQ(CanvasStory().when(PinToCanvasT{}).refused, "canvas_not_found");
  EXPECT_EQ(CanvasStory().when(ArchiveCanvasT{}).refused, "canvas_not_found");
}

TEST(Canvas, UpdateRecordsOnlyWhatChangedAndOnlyOnce) {
  CanvasStory story;
  story.given(created());
  UpdateCanvasT command;
  command.title = "Fees";
  command.cleared = {"description"};
  const auto ending = story.when(command);
  EXPECT_EQ(ending.recorded, Types{"canvas.updated"});
  EXPECT_EQ(ending.state.title, "Fees");
  EXPECT_EQ(ending.state.description, "");
  EXPECT_EQ(story.when(command).recorded, Types{});
  command.cleared = {"title"};
  EXPECT_EQ(story.when(command).field, "title");
}

TEST(Canvas, APinRemembersWhatWasPinnedAtWhichRevisionAndWhere) {
  auto command = pin("insight-1");
  command.x = 120;
  command.y = -80;
  const auto ending = CanvasStory().given(created()).when(command);
  EXPECT_EQ(ending.recorded, Types{"canvas.pinned"});
  ASSERT_EQ(ending.state.pins.size(), 1);
  const PinT& there = *ending.state.pins[0];
  EXPECT_EQ(there.number, 1);
  EXPECT_EQ(there.kind, PinKind::entity);
  EXPECT_EQ(there.entity, "insight-1");
  EXPECT_EQ(there.revision, 3);
  EXPECT_EQ(there.note, "Decide.");
  EXPECT_EQ(there.x, 120);
  EXPECT_EQ(there.y, -80);
  EXPECT_EQ(there.pinned_at, kNow.micros);
  EXPECT_EQ(there.pinned_by, "key:tester");
  EXPECT_EQ(ending.state.pinned, Streams{"insight-1"});
}

TEST(Canvas, ADiffIsPinnedUnderItsBundle) {
  CanvasStory story;
  const auto ending = story.given(created()).when(pin_diff(1, 2));
  ASSERT_EQ(ending.state.pins.size(), 1);
  EXPECT_EQ(ending.state.pins[0]->kind, PinKind::diff);
  EXPECT_EQ(ending.state.pins[0]->diff->to, 2);
  EXPECT_EQ(ending.state.pinned, Streams{"bundle-b1"});
  EXPECT_EQ(story.when(pin_diff(1, 3)).state.pinned, Streams{"bundle-b1"});
}

TEST(Canvas, APinIsOfOneThing) {
  auto both = pin_diff(1, 2);
  both.entity = "insight-1";
  EXPECT_EQ(CanvasStory().given(created()).when(both).field, "entity");
  EXPECT_EQ(CanvasStory().given(created()).when(PinToCanvasT{}).field, "entity");
  auto diff_at_revision = pin_diff(1, 2);
  diff_at_revision.revision = 4;
  EXPECT_EQ(CanvasStory().given(created()).when(diff_at_revision).field, "revision");
}

TEST(Canvas, AVersionOfABundleAndWhatARunLeftBehindArePins) {
  CanvasStory story;
  story.given(created());
  auto version = pin("bundle-1");
  version.version = 2;
  const auto ending = story.when(version);
  ASSERT_EQ(ending.state.pins.size(), 1);
  EXPECT_EQ(ending.state.pins[0]->kind, PinKind::version);
  EXPECT_EQ(ending.state.pins[0]->version, 2);
  EXPECT_EQ(ending.state.pinned, Streams{"bundle-1"});
  auto artifact = pin("run-1");
  artifact.artifact = "report.xml";
  EXPECT_EQ(story.when(artifact).state.pins[1]->kind, PinKind::artifact);
  version.version = 3;
  EXPECT_EQ(story.when(version).recorded, Types{"canvas.pinned"});
  EXPECT_EQ(story.when(version).recorded, Types{});
  version.entity = artifact.entity = "task-1";
  EXPECT_EQ(story.when(version).field, "version");
  EXPECT_EQ(story.when(artifact).field, "artifact");
}

TEST(Canvas, TheSameAtTheSameRevisionIsPinnedOnce) {
  CanvasStory story;
  story.given(created(), pinned(1, "insight-1"));
  EXPECT_EQ(story.when(pin("insight-1")).recorded, Types{});
  auto elsewhere = pin("insight-1");
  elsewhere.x = 120;
  EXPECT_EQ(story.when(elsewhere).refused, "pin_exists");
  EXPECT_EQ(story.when(pin("insight-1", 4)).recorded, Types{"canvas.pinned"});
  EXPECT_EQ(story.state().pinned, Streams{"insight-1"});
}

TEST(Canvas, HasAtMostFiveHundredPins) {
  CanvasStory story;
  story.given(created());
  for (std::uint32_t number = 1; number < Canvas::kMaxPins; ++number)
    story.given(pinned(number, "task-" + std::to_string(number)));
  EXPECT_EQ(story.when(pin("the last")).state.pins.size(), 500);
  EXPECT_EQ(story.when(pin("one more")).refused, "too_many_pins");
  story.when(unpin(1));
  EXPECT_EQ(story.when(pin("one more")).recorded, Types{"canvas.pinned"});
}

TEST(Canvas, APinIsMovedAnnotatedAndBroughtUpToDate) {
  CanvasStory story;
  story.given(created(), pinned(1, "insight-1"), pinned(2, "insight-2"));
  auto command = update_of(2);
  command.x = 360;
  command.revision = 9;
  command.note = "Decide.";  // as it was
  const auto ending = story.when(command);
  ASSERT_EQ(ending.recorded, Types{"canvas.pin_updated"});
  EXPECT_EQ(ending.events[0].AsCanvasPinUpdated()->note, "");
  EXPECT_EQ(ending.state.pins[0]->x, 0);
  EXPECT_EQ(ending.state.pins[1]->x, 360);
  EXPECT_EQ(ending.state.pins[1]->revision, 9);
  EXPECT_EQ(ending.state.pins[1]->note, "Decide.");
  EXPECT_EQ(story.when(command).recorded, Types{});
}

TEST(Canvas, OfAPinOnlyTheNoteMayBeRemoved) {
  auto command = update_of(1);
  command.cleared = {"note"};
  EXPECT_EQ(CanvasStory().given(created(), pinned(1, "insight-1")).when(command).state.pins[0]->note, "");
  for (const char* field : {"number", "revision", "x", "y"}) {
    command.cleared = {field};
    EXPECT_EQ(CanvasStory().given(created(), pinned(1, "insight-1")).when(command).field, field);
  }
}

TEST(Canvas, UpdatingAPinNeedsOneThatIsThere) {
  CanvasStory story;
  story.given(created(), pinned(1, "insight-1"));
  EXPECT_EQ(story.when(UpdatePinT{}).field, "number");
  EXPECT_EQ(story.when(update_of(2)).refused, "pin_not_found");
  story.when(pin_diff(1, 2));
  auto command = update_of(2);
  command.revision = 4;
  EXPECT_EQ(story.when(command).field, "revision");
}

TEST(Canvas, APinIsTakenOffOnceAndItsNumberIsNotGivenAgain) {
  CanvasStory story;
  story.given(created(), pinned(1, "insight-1"), pinned(2, "insight-2"));
  const auto ending = story.when(unpin(2));
  EXPECT_EQ(ending.recorded, Types{"canvas.unpinned"});
  EXPECT_EQ(ending.state.pins.size(), 1);
  EXPECT_EQ(ending.state.pinned, Streams{"insight-1"});
  EXPECT_EQ(story.when(unpin(2)).recorded, Types{});
  EXPECT_EQ(story.when(pin("insight-2")).state.pins[1]->number, 3);
  EXPECT_EQ(story.when(unpin(4)).refused, "pin_not_found");
  EXPECT_EQ(story.when(unpin(0)).refused, "pin_not_found");
}

TEST(Canvas, ArchivedTakesNoChangeButRestoring) {
  CanvasStory story;
  const auto archived = story.given(created(), pinned(1, "insight-1")).when(ArchiveCanvasT{});
  EXPECT_EQ(archived.recorded, Types{"canvas.archived"});
  EXPECT_EQ(archived.state.archived_at, kNow.micros);
  EXPECT_EQ(story.when(ArchiveCanvasT{}).recorded, Types{});
  EXPECT_EQ(story.when(pin("insight-2")).refused, "canvas_archived");
  EXPECT_EQ(story.when(unpin(1)).refused, "canvas_archived");
  EXPECT_EQ(story.when(update_of(1)).refused, "canvas_archived");
  EXPECT_EQ(story.when(UpdateCanvasT{}).refused, "canvas_archived");
  const auto restored = story.when(RestoreCanvasT{});
  EXPECT_EQ(restored.recorded, Types{"canvas.restored"});
  EXPECT_FALSE(restored.state.archived);
  EXPECT_FALSE(restored.state.archived_at.has_value());
  EXPECT_EQ(story.when(RestoreCanvasT{}).recorded, Types{});
}

}  // namespace
}  // namespace flowstone::domain
