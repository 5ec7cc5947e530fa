// What people read: tables, statuses and sentences instead of JSON.
#include <gtest/gtest.h>

#include "tests/cli/process.hpp"

namespace flowstone::cli {
namespace {

class Reading : public ::testing::Test {
 protected:
  Ran read(std::vector<std::string> arguments) {
    return run(scratch.path(), std::move(arguments), server.environment());
  }

  const ScratchDirectory scratch;
  DemoServer server{scratch / "data"};
};

TEST_F(Reading, AnUnknownCommandIsNamedWithThoseThatExist) {
  const auto refused = read({"lst"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_NE(refused.err.find("no command 'lst'; there are serve, exec"), std::string::npos) << refused.err;
}

TEST_F(Reading, AnUnknownCommandOfAGroupIsNamedToo) {
  const auto refused = read({"projections", "drop"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_NE(refused.err.find("no command 'drop'; there are list, show, rebuild"), std::string::npos) << refused.err;
}

TEST_F(Reading, HelpIsNoRefusal) { EXPECT_EQ(read({"projections", "--help"}).status, 0); }

TEST_F(Reading, AnEmptyListIsSaidOnStderr) {
  const auto listed = read({"list", "runs", "status=failed"});
  EXPECT_EQ(listed.status, 0);
  EXPECT_EQ(listed.out, "");
  EXPECT_EQ(listed.err, "There are no such runs.\n");
}

TEST_F(Reading, AnEmptyTimelineIsSaidOnStderr) {
  const auto listed = read({"audit", "log", "--entity", "task-01920000-0000-7000-8000-0000000000ee"});
  EXPECT_EQ(listed.status, 0);
  EXPECT_EQ(listed.err, "There is nothing like that in the timeline.\n");
}

TEST_F(Reading, AListHasNoColumnWithoutAValue) {
  const auto listed = read({"list", "tasks"});
  EXPECT_NE(listed.out.find("priority"), std::string::npos);
  EXPECT_EQ(listed.out.find("snoozed_until"), std::string::npos) << listed.out;
}

TEST_F(Reading, KeysAreListedWithTheirRolesAndScopes) {
  server.ask({"key", "create", "build server", "--role", "member", "--role", "auditor", "--scope", "run:write"});
  const auto listed = read({"key", "list"});
  EXPECT_NE(listed.out.find("  member,auditor "), std::string::npos) << listed.out;
  EXPECT_NE(listed.out.find("  run:write "), std::string::npos) << listed.out;
}

TEST_F(Reading, BuildsOfAProjectionAreATable) {
  const auto shown = read({"projections", "show", "tasks"});
  EXPECT_NE(shown.out.find("\nbuilds\n  number  role     position"), std::string::npos) << shown.out;
  EXPECT_EQ(shown.out.find('{'), std::string::npos) << shown.out;
}

TEST_F(Reading, AChangeWithinAListIsNamedByItsPlace) {
  const auto log = read({"audit", "log", "--entity", "run-01920000-0000-7000-8000-000000000021"});
  EXPECT_NE(log.out.find("steps[1].status: \"running\" -> \"completed\""), std::string::npos) << log.out;
}

TEST_F(Reading, ARollbackIsOverWhenTheCommandIs) {
  server.ask({"projections", "rebuild", "tasks", "--watch"});
  const auto shown = read({"projections", "rollback", "tasks"});
  EXPECT_EQ(shown.status, 0);
  EXPECT_NE(shown.out.find("  1       serving"), std::string::npos) << shown.out;
}

}  // namespace
}  // namespace flowstone::cli
