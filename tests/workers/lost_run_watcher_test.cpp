#include "workers/lost_run_watcher.hpp"

#include <optional>

#include <gtest/gtest.h>

#include "base/identifier.hpp"
#include "tests/projections/world.hpp"

namespace flowstone::workers {
namespace {

using projections::id_number;
using projections::kElsewhere;
using projections::kHome;
using projections::World;
using std::chrono::seconds;

class LostRunsTest : public testing::Test {
 protected:
  void SetUp() override { world_.open_catalog(); }

  void start_run(std::uint64_t number, const std::string& workspace = kHome) {
    world_.append(workspace, "run-" + id_number(number),
                  {{"run.requested", R"({"name": "make", "heartbeat_timeout_ms": 10000})"},
                   {"run.started", R"({"sequence": 1})"}});
    world_.catch_up("runs");
  }
  void heartbeat(std::uint64_t number, std::uint64_t sequence) {
    world_.append(kHome, "run-" + id_number(number),
                  {{"run.heartbeat", "{\"sequence\": " + std::to_string(sequence) + "}"}});
    world_.catch_up("runs");
  }
  void start_server() { lost_runs_.emplace(*world_.catalog, executor_, world_.clock); }
  std::string status_of(std::uint64_t number, const std::string& workspace = kHome) {
    world_.catch_up("runs");
    const schemas::Aggregate& runs = domain::find_aggregate_type("run")->contract();
    const auto row = *world_.catalog->get(runs, workspace, id_number(number));
    return *schemas::field_json(*runs.state->find("status"), row.value().bytes);
  }

  World world_;
  UuidV7Source ids_{world_.clock};
  commands::Executor executor_{*world_.store, world_.clock, ids_, [](std::move_only_function<void()> work) { work(); }};
  std::optional<LostRuns> lost_runs_;
};

TEST_F(LostRunsTest, SilentRunIsLostAfterItsTimeoutAndNotBefore) {
  start_server();
  start_run(1);
  world_.clock.advance(seconds(9));
  EXPECT_EQ(lost_runs_->look(), 0U);
  world_.clock.advance(seconds(2));
  EXPECT_EQ(lost_runs_->look(), 1U);
  EXPECT_EQ(status_of(1), "\"lost\"");
}

TEST_F(LostRunsTest, LostRunIsLostOnce) {
  start_server();
  start_run(1);
  world_.clock.advance(seconds(11));
  EXPECT_EQ(lost_runs_->look(), 1U);
  EXPECT_EQ(lost_runs_->look(), 0U);
  world_.catch_up("runs");
  EXPECT_EQ(lost_runs_->look(), 0U);
}

TEST_F(LostRunsTest, RunThatNeedNotBeHeardOfIsNeverLost) {
  start_server();
  world_.append(
      kHome, "run-" + id_number(1),
      {{"run.requested", R"({"name": "make", "heartbeat_timeout_ms": 0})"}, {"run.started", R"({"sequence": 1})"}});
  start_run(2);
  world_.clock.advance(std::chrono::hours(1));
  EXPECT_EQ(lost_runs_->look(), 1U);
  EXPECT_EQ(status_of(1), "\"running\"");
}

TEST_F(LostRunsTest, RunThatHasEndedIsNotLost) {
  start_server();
  start_run(1);
  world_.append(kHome, "run-" + id_number(1), {{"run.completed", R"({"sequence": 2})"}});
  world_.catch_up("runs");
  world_.clock.advance(seconds(11));
  EXPECT_EQ(lost_runs_->look(), 0U);
  EXPECT_EQ(status_of(1), "\"completed\"");
}

TEST_F(LostRunsTest, HeartbeatKeepsARun) {
  start_server();
  start_run(1);
  world_.clock.advance(seconds(9));
  heartbeat(1, 2);
  world_.clock.advance(seconds(9));
  EXPECT_EQ(lost_runs_->look(), 0U);
}

TEST_F(LostRunsTest, RunThatMovedOnSinceItWasSeenIsNotLost) {
  start_server();
  start_run(1);
  world_.clock.advance(seconds(11));
  // In the log, but not yet in the table that the watcher looks at.
  world_.append(kHome, "run-" + id_number(1), {{"run.heartbeat", R"({"sequence": 2})"}});
  EXPECT_EQ(lost_runs_->look(), 0U);
  EXPECT_EQ(status_of(1), "\"running\"");
}

TEST_F(LostRunsTest, RecordersHaveOneTimeoutAfterTheServerStarts) {
  start_run(1);
  world_.clock.advance(std::chrono::hours(1));
  start_server();
  EXPECT_EQ(lost_runs_->look(), 0U);
  world_.clock.advance(seconds(11));
  EXPECT_EQ(lost_runs_->look(), 1U);
}

TEST_F(LostRunsTest, EveryWorkspaceIsLookedAt) {
  start_server();
  start_run(1, kHome);
  start_run(2, kElsewhere);
  world_.clock.advance(seconds(11));
  EXPECT_EQ(lost_runs_->look(), 2U);
  EXPECT_EQ(status_of(2, kElsewhere), "\"lost\"");
}

TEST_F(LostRunsTest, WatcherLooksByItselfAndStops) {
  start_run(1);
  LostRunWatcher watcher(*world_.catalog, executor_, world_.clock, std::chrono::milliseconds(1));
  const Position before = world_.store->state().durable;
  world_.clock.advance(seconds(11));
  EXPECT_GT(world_.store->wait_beyond(before, seconds(60), {}), before);
  EXPECT_EQ(status_of(1), "\"lost\"");
}

}  // namespace
}  // namespace flowstone::workers
