// Builds: rebuilt beside the one that serves, compared, switched, rolled back, and never mixed up.
#include <algorithm>
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "tests/projections/world.hpp"

namespace flowstone::projections {
namespace {

using Role = BuildStatus::Role;
using State = Status::State;

const BuildStatus* build_with(const Status& status, Role role) {
  const auto found = std::ranges::find(status.builds, role, &BuildStatus::role);
  return found == status.builds.end() ? nullptr : &*found;
}

class Builds : public testing::Test {
 protected:
  void SetUp() override {
    world_.open_catalog();
    history_.run(200);
    world_.catch_up();
  }
  void expect_served() { EXPECT_EQ(world_.served(tasks()), world_.fold(task_type())); }
  std::uint32_t serving() { return build_with(world_.status(), Role::serving)->number; }
  void rebuild_until(State state) {
    world_.step_until([&] { return world_.status().state == state; });
  }

  World world_;
  TaskHistory history_{world_, 11};
};

TEST_F(Builds, RebuildIsReadyWithEqualDigestsAndWaitsForTheSwitch) {
  ASSERT_TRUE(world_.catalog->rebuild("tasks", false));
  EXPECT_EQ(world_.status().state, State::rebuilding);
  rebuild_until(State::ready_to_switch);
  EXPECT_EQ(world_.status().digests_equal, true);
  for (int round = 0; round < 10; ++round) world_.step_all();
  EXPECT_EQ(serving(), 1U);
  expect_served();
}

TEST_F(Builds, RateOfARebuildIsToldWhenItIsKnown) {
  ASSERT_TRUE(world_.catalog->rebuild("tasks", false));
  EXPECT_FALSE(world_.status().rebuild_events_per_second);
  rebuild_until(State::ready_to_switch);
  EXPECT_FALSE(world_.status().rebuild_events_per_second);
  world_.clock.advance(std::chrono::seconds(1));
  EXPECT_TRUE(world_.status().rebuild_events_per_second);
}

TEST_F(Builds, SwitchMakesTheNewBuildServeAndKeepsTheOldOne) {
  ASSERT_TRUE(world_.catalog->rebuild("tasks", false));
  rebuild_until(State::ready_to_switch);
  ASSERT_TRUE(world_.catalog->switch_over("tasks"));
  EXPECT_EQ(serving(), 2U);
  EXPECT_EQ(build_with(world_.status(), Role::previous)->number, 1U);
  expect_served();
  history_.run(50);
  world_.catch_up();
  expect_served();
}

TEST_F(Builds, RebuildWithAutoSwitchEndsLiveOnTheNewBuild) {
  ASSERT_TRUE(world_.catalog->rebuild("tasks", true));
  rebuild_until(State::live);
  EXPECT_EQ(serving(), 2U);
  expect_served();
}

TEST_F(Builds, WritesGoOnDuringARebuildAndNoneIsMissed) {
  ASSERT_TRUE(world_.catalog->rebuild("tasks", true));
  Position served;
  for (int round = 0; round < 200 && world_.status().state != State::live; ++round) {
    history_.run(3);
    world_.step_all();
    EXPECT_GE(world_.catalog->position("tasks"), served);
    served = world_.catalog->position("tasks");
  }
  EXPECT_EQ(serving(), 2U);
  world_.catch_up();
  expect_served();
}

TEST_F(Builds, PositionNeverGoesBackAcrossASwitch) {
  ASSERT_TRUE(world_.catalog->rebuild("tasks", false));
  rebuild_until(State::ready_to_switch);
  history_.run(20);
  world_.followers.front()->step(std::chrono::milliseconds(0), {});
  world_.catch_up();
  const Position before = world_.catalog->position("tasks");
  ASSERT_TRUE(world_.catalog->switch_over("tasks"));
  EXPECT_GE(world_.catalog->position("tasks"), before);
}

TEST_F(Builds, CancelDropsTheNewBuildAndTheOldOneServesOn) {
  ASSERT_TRUE(world_.catalog->rebuild("tasks", false));
  world_.step_all();
  ASSERT_TRUE(world_.catalog->cancel("tasks"));
  world_.step_all();
  EXPECT_EQ(world_.status().builds.size(), 1U);
  EXPECT_EQ(world_.status().state, State::live);
  expect_served();
}

TEST_F(Builds, RollBackCatchesThePreviousBuildUpAndServesIt) {
  ASSERT_TRUE(world_.catalog->rebuild("tasks", true));
  rebuild_until(State::live);
  history_.run(50);
  world_.catch_up();
  ASSERT_TRUE(world_.catalog->roll_back("tasks"));
  world_.step_until([&] { return serving() == 1; });
  EXPECT_EQ(build_with(world_.status(), Role::previous)->number, 2U);
  world_.catch_up();
  expect_served();
}

TEST_F(Builds, RollBackAndForthEndsWhereItBegan) {
  ASSERT_TRUE(world_.catalog->rebuild("tasks", true));
  rebuild_until(State::live);
  for (const std::uint32_t number : {1U, 2U, 1U}) {
    history_.run(10);
    ASSERT_TRUE(world_.catalog->roll_back("tasks"));
    world_.step_until([&] { return serving() == number; });
    world_.catch_up();
    expect_served();
  }
}

TEST_F(Builds, ControlsSayWhyTheyRefuse) {
  using Code = ControlError::Code;
  Catalog& catalog = *world_.catalog;
  EXPECT_EQ(catalog.rebuild("no-such", true).error().code, Code::no_such_projection);
  EXPECT_EQ(catalog.cancel("tasks").error().code, Code::no_rebuild);
  EXPECT_EQ(catalog.switch_over("tasks").error().code, Code::no_rebuild);
  EXPECT_EQ(catalog.roll_back("tasks").error().code, Code::no_previous);
  ASSERT_TRUE(catalog.rebuild("tasks", true));
  EXPECT_EQ(catalog.rebuild("tasks", true).error().code, Code::already_rebuilding);
  EXPECT_EQ(catalog.switch_over("tasks").error().code, Code::not_ready);
}

TEST_F(Builds, RebuildGoesOnAfterARestart) {
  ASSERT_TRUE(world_.catalog->rebuild("tasks", false));
  world_.reopen_catalog();
  EXPECT_EQ(world_.status().state, State::rebuilding);
  rebuild_until(State::ready_to_switch);
  world_.reopen_catalog();
  EXPECT_EQ(world_.status().state, State::ready_to_switch);
  EXPECT_EQ(world_.status().digests_equal, true);
  world_.step_all();
  ASSERT_TRUE(world_.catalog->switch_over("tasks"));
  world_.reopen_catalog();
  EXPECT_EQ(serving(), 2U);
  world_.catch_up();
  expect_served();
}

TEST_F(Builds, ChangedCodeIsRebuiltWhileTheOldRowsServe) {
  world_.options.code_version = "changed";
  world_.reopen_catalog();
  EXPECT_EQ(world_.status().state, State::rebuilding);
  EXPECT_EQ(serving(), 1U);
  EXPECT_NE(build_with(world_.status(), Role::building)->fingerprint,
            build_with(world_.status(), Role::serving)->fingerprint);
  expect_served();
  rebuild_until(State::live);
  EXPECT_EQ(serving(), 2U);
  expect_served();
  EXPECT_EQ(world_.catalog->roll_back("tasks").error().code, ControlError::Code::no_previous);
}

TEST_F(Builds, UnchangedCodeIsNotRebuilt) {
  world_.reopen_catalog();
  EXPECT_EQ(world_.status().state, State::live);
  EXPECT_EQ(world_.status().builds.size(), 1U);
}

TEST_F(Builds, ProgressOfARebuildIsVisible) {
  ASSERT_TRUE(world_.catalog->rebuild("tasks", false));
  EXPECT_EQ(build_with(world_.status(), Role::building)->position, Position{});
  EXPECT_EQ(world_.status().rebuild_target, world_.store->state().durable);
  world_.step_all();
  EXPECT_GT(world_.status().builds.back().position, Position{});
}

TEST_F(Builds, ReadersSeeAWholeTableWhileBuildsSwitch) {
  const Table expected = world_.fold(task_type());
  std::atomic<bool> done{false};
  std::atomic<int> reads{0};
  std::atomic<int> wrong{0};
  std::jthread reader([&] {
    ListQuery query;
    query.workspace = kHome;
    query.limit = 100'000;
    const auto rows = std::ranges::count_if(expected, [](const auto& row) { return row.first.first == kHome; });
    while (!done) {
      const auto page = world_.catalog->list(tasks(), query);
      if (!page || std::ssize(page->rows) != rows) ++wrong;
      ++reads;
    }
  });
  for (std::uint32_t number = 2; number < 12; ++number) {
    ASSERT_TRUE(world_.catalog->rebuild("tasks", true));
    world_.step_until([&] { return serving() == number; });
  }
  world_.step_until([&] { return reads > 20; });
  done = true;
  reader.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(Builds, PoisonStopsItsProjectionAloneAndSaysWhere) {
  const Position poison =
      world_.append(kHome, "task-" + id_number(1), {{"intent.created", R"({"code": "A", "name": "A"})"}}).last;
  world_.append(kHome, "intent-" + id_number(2), {{"intent.created", R"({"code": "B", "name": "B"})"}});
  world_.catch_up("intents");
  for (int round = 0; round < 5; ++round) world_.step_all();
  const Status status = world_.status();
  EXPECT_EQ(status.state, State::stopped);
  EXPECT_EQ(status.error_position, poison);
  EXPECT_NE(status.error, "");
  EXPECT_EQ(status.position, Position{poison.value - 1});
  EXPECT_EQ(world_.status("intents").state, State::live);
  ListQuery query;
  query.workspace = kHome;
  EXPECT_TRUE(world_.catalog->list(tasks(), query));
}

TEST_F(Builds, RebuildThatMeetsPoisonFailsAndTheOldBuildServesOn) {
  const Table before = world_.fold(task_type());
  const Position poison =
      world_.append(kHome, "task-" + id_number(1), {{"intent.created", R"({"code": "A", "name": "A"})"}}).last;
  ASSERT_TRUE(world_.catalog->rebuild("tasks", true));
  world_.step_until([&] { return build_with(world_.status(), Role::failed) != nullptr; });
  EXPECT_EQ(world_.status().error_position, poison);
  EXPECT_EQ(world_.served(tasks()), before);
  world_.reopen_catalog();
  EXPECT_NE(build_with(world_.status(), Role::failed), nullptr);
  ASSERT_TRUE(world_.catalog->cancel("tasks"));
  EXPECT_EQ(build_with(world_.status(), Role::failed), nullptr);
}

TEST_F(Builds, WaitersAreToldWhenTheirPositionIsReached) {
  const Position next = world_.append_task(5, {{"task.created", R"({"title": "t"})"}}).last;
  std::optional<bool> reached;
  world_.catalog->when_reached("tasks", next, std::chrono::seconds(100), [&](bool there) { reached = there; });
  EXPECT_EQ(reached, std::nullopt);
  world_.catch_up();
  EXPECT_EQ(reached, true);
}

TEST_F(Builds, WaitersForWhatIsThereAreToldAtOnce) {
  std::optional<bool> reached;
  world_.catalog->when_reached("tasks", world_.store->state().durable, std::chrono::seconds(0),
                               [&](bool there) { reached = there; });
  EXPECT_EQ(reached, true);
}

TEST_F(Builds, WaitersAreToldWhenTheirTimeIsUp) {
  std::atomic<int> told{-1};
  world_.catalog->when_reached("tasks", Position{1'000'000}, std::chrono::milliseconds(5), [&](bool there) {
    told = there ? 1 : 0;
    told.notify_one();
  });
  told.wait(-1);
  EXPECT_EQ(told, 0);
}

}  // namespace
}  // namespace flowstone::projections
