// Rows are what folding the log gives, however and whenever they were made.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "projections/row_digest.hpp"
#include "tests/projections/world.hpp"

namespace flowstone::projections {
namespace {

TEST(EntityTable, RowIsThePackedStateOfTheEntity) {
  World world;
  world.open_catalog();
  world.append_task(1, {{"task.created", R"({"title": "Write", "priority": 4})"}, {"task.completed"}});
  world.catch_up();
  const auto row = world.catalog->get(tasks(), kHome, id_number(1));
  ASSERT_TRUE(row && *row);
  EXPECT_EQ((*row)->id, id_number(1));
  EXPECT_EQ((*row)->bytes, world.fold(task_type()).at({kHome, id_number(1)}));
  EXPECT_EQ(schemas::text_of(*tasks().state->find("title"), (*row)->bytes), "Write");
}

TEST(EntityTable, UnknownIdAndForeignWorkspaceHaveNoRow) {
  World world;
  world.open_catalog();
  world.append_task(1, {{"task.created", R"({"title": "Write"})"}});
  world.catch_up();
  EXPECT_EQ(*world.catalog->get(tasks(), kHome, id_number(2)), std::nullopt);
  EXPECT_EQ(*world.catalog->get(tasks(), kElsewhere, id_number(1)), std::nullopt);
}

TEST(EntityTable, EventsOfOtherCategoriesOnlyMoveThePosition) {
  World world;
  world.open_catalog();
  world.append(kHome, "claim-intent.code-x", {{"claim.taken", R"({"owner": "o", "value": "x"})"}});
  world.catch_up();
  EXPECT_EQ(world.catalog->position("tasks"), Position{1});
  EXPECT_EQ(world.status().builds.front().rows, 0U);
}

RC_GTEST_PROP(EntityTable, FoldEqualsRowsAtRandomPositions, (std::uint32_t seed)) {
  World world;
  world.open_catalog();
  TaskHistory history(world, seed);
  for (int part = 0; part < 4; ++part) {
    history.run(static_cast<int>(seed % 37) + 1);
    world.catch_up();
    RC_ASSERT(world.served(tasks()) == world.fold(task_type()));
    RC_ASSERT(world.status().builds.front().rows == world.fold(task_type()).size());
  }
}

// The two ways to make a build, batch by batch and in bulk, agree in rows, count and digest.
RC_GTEST_PROP(EntityTable, BulkBuildEqualsIncrementalBuild, (std::uint32_t seed)) {
  World incremental;
  incremental.open_catalog();
  TaskHistory history(incremental, seed);
  for (int part = 0; part < 4; ++part) {
    history.run(30);
    incremental.catch_up();
  }
  const Status before = incremental.status();
  incremental.close_catalog();
  incremental.options.directory = incremental.root_ / "other-views";
  incremental.options.bulk_events = 10;
  incremental.open_catalog();
  incremental.catch_up();
  const Status after = incremental.status();
  RC_ASSERT(after.builds.front().digest == before.builds.front().digest);
  RC_ASSERT(after.builds.front().rows == before.builds.front().rows);
  RC_ASSERT(incremental.served(tasks()) == incremental.fold(task_type()));
}

TEST(RowDigest, DoesNotDependOnTheOrder) {
  RowDigest forward;
  RowDigest backward;
  for (int row = 0; row < 100; ++row) forward.add(std::to_string(row), "row");
  for (int row = 99; row >= 0; --row) backward.add(std::to_string(row), "row");
  EXPECT_EQ(forward.value(), backward.value());
}

TEST(RowDigest, WhatIsTakenOutAgainLeavesNoTrace) {
  RowDigest digest;
  digest.add("a", "1");
  const Digest one_row = digest.value();
  for (int row = 0; row < 100; ++row) digest.add(std::to_string(row), "row");
  for (int row = 0; row < 100; ++row) digest.subtract(std::to_string(row), "row");
  EXPECT_EQ(digest.value(), one_row);
  digest.subtract("a", "1");
  EXPECT_EQ(digest.value(), Digest{});
}

TEST(RowDigest, TellsKeysFromRows) {
  RowDigest left;
  RowDigest right;
  left.add("ab", "c");
  right.add("a", "bc");
  EXPECT_NE(left.value(), right.value());
}

TEST(RowDigest, SurvivesItsDigest) {
  RowDigest digest;
  digest.add("a", "1");
  RowDigest again(digest.value());
  digest.add("b", "2");
  again.add("b", "2");
  EXPECT_EQ(digest.value(), again.value());
}

}  // namespace
}  // namespace flowstone::projections
