#include "workers/projection_runner.hpp"

#include <atomic>

#include <gtest/gtest.h>

#include "tests/projections/world.hpp"

namespace flowstone::workers {
namespace {

using projections::id_number;
using projections::kHome;
using projections::Status;
using projections::World;

constexpr RunnerOptions kQuick{.interval = std::chrono::milliseconds(1), .patience = std::chrono::milliseconds(20)};

// True once the serving build of the tasks has reached the position.
bool reaches(World& world, Position position) {
  std::atomic<int> told{-1};
  world.catalog->when_reached("tasks", position, std::chrono::seconds(60), [&](bool there) {
    told = there ? 1 : 0;
    told.notify_one();
  });
  told.wait(-1);
  return told == 1;
}

TEST(ProjectionRunner, TablesFollowTheLog) {
  World world;
  world.open_catalog();
  const ProjectionRunner runner(*world.catalog, kQuick);
  for (std::uint64_t task = 1; task <= 50; ++task) {
    const Position written = world.append_task(task, {{"task.created", R"({"title": "t"})"}}).last;
    ASSERT_TRUE(reaches(world, written));
    ASSERT_TRUE((*world.catalog->get(projections::tasks(), kHome, id_number(task))).has_value());
  }
}

TEST(ProjectionRunner, RebuildsAreTakenUpWhileItRuns) {
  World world;
  world.open_catalog();
  projections::TaskHistory history(world, 3);
  const ProjectionRunner runner(*world.catalog, kQuick);
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(world.catalog->rebuild("tasks", true));
    while (world.status().state != Status::State::live) history.run(5);
    ASSERT_TRUE(reaches(world, world.store->state().durable));
    EXPECT_EQ(world.served(projections::tasks()), world.fold(projections::task_type()));
  }
}

TEST(ProjectionRunner, SwitchAndRollBackWorkUnderWrites) {
  World world;
  world.open_catalog();
  projections::TaskHistory history(world, 5);
  const ProjectionRunner runner(*world.catalog, kQuick);
  history.run(50);
  ASSERT_TRUE(world.catalog->rebuild("tasks", false));
  while (world.status().state != Status::State::ready_to_switch) history.run(5);
  ASSERT_TRUE(world.catalog->switch_over("tasks"));
  ASSERT_TRUE(world.catalog->roll_back("tasks"));
  while (world.status().builds.front().role != projections::BuildStatus::Role::serving) history.run(5);
  ASSERT_TRUE(reaches(world, world.store->state().durable));
  EXPECT_EQ(world.served(projections::tasks()), world.fold(projections::task_type()));
}

TEST(ProjectionRunner, HeartbeatIsSeenWhileTheLogIsQuiet) {
  World world;
  world.open_catalog();
  const ProjectionRunner runner(*world.catalog, kQuick);
  const Timestamp before = world.clock.now();
  world.clock.advance(std::chrono::hours(1));
  while (world.status().heartbeat_at.value_or(before) <= before) std::this_thread::yield();
  SUCCEED();
}

TEST(ProjectionRunner, StopsInTheMiddleAndAnotherGoesOn) {
  World world;
  world.open_catalog();
  projections::TaskHistory history(world, 9);
  history.run(500);
  {
    const ProjectionRunner runner(*world.catalog, kQuick);
  }
  world.reopen_catalog();
  const ProjectionRunner runner(*world.catalog, kQuick);
  ASSERT_TRUE(reaches(world, world.store->state().durable));
  EXPECT_EQ(world.served(projections::tasks()), world.fold(projections::task_type()));
}

}  // namespace
}  // namespace flowstone::workers
