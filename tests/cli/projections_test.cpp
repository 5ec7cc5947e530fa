// `flowstone projections` against a server whose followers stand still, so that what it asks for never happens.
#include <algorithm>
#include <thread>

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/run_events.hpp"
#include "tests/cli/process.hpp"
#include "tests/integration/running_server.hpp"

namespace flowstone::cli {
namespace {

using State = projections::Status::State;
using testing::HasSubstr;

class StandingStill : public testing::Test {
 protected:
  // A build beside the serving one; then nobody folds any more.
  void rebuild(bool auto_switch) {
    ASSERT_TRUE(server_.catalog().rebuild("tasks", auto_switch));
    const State end = auto_switch ? State::live : State::ready_to_switch;
    while (server_.catalog().status("tasks")->state != end) std::this_thread::yield();
    server_.restart(false);
  }

  Ran projections(const std::string& action) {
    return run(scratch_.path(), {"projections", action, "tasks", "--json"},
               {{"FLOWSTONE_URL", fmt::format("http://127.0.0.1:{}", server_.port())},
                {"FLOWSTONE_KEY", server_.admin_key()}});
  }

  // It failed, said what was not done and how to see it, and showed the build that still serves.
  static void expect_not_done(const Ran& ran, std::string_view action) {
    EXPECT_EQ(ran.status, 1);
    EXPECT_THAT(ran.err, HasSubstr(fmt::format("the {} was accepted, but the other build does not serve yet", action)));
    EXPECT_THAT(ran.err, HasSubstr("flowstone projections show tasks"));
    EXPECT_EQ(text_of(boost::json::parse(ran.out).as_object(), "name"), "tasks");
  }

  const ScratchDirectory scratch_;
  tests::RunningServer server_;
};

TEST_F(StandingStill, ASwitchThatDoesNotHappenInTimeIsAFailure) {
  rebuild(false);
  // A position that only the serving build has: the new one must reach it before it may serve.
  server_.make_run(1);
  const auto followers = server_.catalog().claim_followers(std::chrono::milliseconds(0), {});
  const auto serving = std::ranges::find(followers, "tasks", [](const auto& follower) { return follower->name(); });
  ASSERT_TRUE((*serving)->step(std::chrono::milliseconds(0), {}));
  expect_not_done(projections("switch"), "switch");
}

TEST_F(StandingStill, ARollbackThatDoesNotHappenInTimeIsAFailure) {
  rebuild(true);
  expect_not_done(projections("rollback"), "rollback");
}

}  // namespace
}  // namespace flowstone::cli
