#include <fstream>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "tests/cli/process.hpp"

namespace flowstone::cli {
namespace {

const std::string kDemoRunId = "01920000-0000-7000-8000-000000000021";
const std::string kRunId = "01920000-0000-7000-8000-000000000777";

TEST(Watch, PrintsHistoryWithStderrApartAndEndsLikeTheRun) {
  const ScratchDirectory scratch;
  DemoServer server(scratch / "data");
  const auto watched = run(scratch.path(), {"watch", kDemoRunId}, server.environment());
  EXPECT_EQ(watched.status, 0);
  EXPECT_EQ(watched.out, "cc -O2 -o parser parser.c\n[1/2] parses numbers ... ok\n[2/2] refuses garbage ... ok\n");
  EXPECT_NE(watched.err.find("parser.c:12: warning"), std::string::npos);
  EXPECT_NE(watched.err.find("step test"), std::string::npos);
}

TEST(Watch, EndsWithTheExitCodeOfTheRun) {
  const ScratchDirectory scratch;
  DemoServer server(scratch / "data");
  run(scratch.path(), {"exec", "--id", kRunId, "--", "/bin/sh", "-c", "exit 42"}, server.environment());
  EXPECT_EQ(run(scratch.path(), {"watch", kRunId}, server.environment()).status, 42);
  EXPECT_EQ(run(scratch.path(), {"watch", "latest"}, server.environment()).status, 42);
}

TEST(Watch, AnUnknownRunIsRefused) {
  const ScratchDirectory scratch;
  DemoServer server(scratch / "data");
  const auto refused = run(scratch.path(), {"watch", "01920000-0000-7000-8000-00000000dead"}, server.environment());
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find("404"), std::string::npos) << refused.err;
}

TEST(Watch, FollowsALiveRunThroughKillsOfTheServer) {
  const ScratchDirectory scratch;
  DemoServer server(scratch / "data");
  Process recorder(
      scratch.path(),
      {"exec", "--id", kRunId, "--", "/bin/sh", "-c", "for i in $(seq 1 60); do seq 1 100; sleep 0.05; done; exit 9"},
      server.environment());
  ASSERT_TRUE(
      eventually([&] { return run(scratch.path(), {"get", "run", kRunId}, server.environment()).status == 0; }));
  Process watcher(scratch.path(), {"watch", kRunId}, server.environment());
  for (int kill = 0; kill < 2; ++kill) {
    const auto seen = watcher.out().size();
    ASSERT_TRUE(eventually([&] { return watcher.out().size() > seen; })) << watcher.err();
    server.kill();
    server.start_again();
  }
  EXPECT_EQ(recorder.wait(), 9);
  EXPECT_EQ(watcher.wait(), 9);
  EXPECT_TRUE(watcher.out() == recorder.out());
}

TEST(Watch, FromAPositionPrintsWhatComesAfterwards) {
  const ScratchDirectory scratch;
  DemoServer server(scratch / "data");
  const auto end = server.ask({"audit", "root"}).at("size").to_number<std::uint64_t>();
  const auto watched = run(scratch.path(), {"watch", kDemoRunId, "--from", std::to_string(end)}, server.environment());
  EXPECT_EQ(watched.status, 0);
  EXPECT_EQ(watched.out, "");
}

TEST(Watch, FromBehindTheEndOfARunEndsLikeTheRun) {
  const ScratchDirectory scratch;
  DemoServer server(scratch / "data");
  run(scratch.path(), {"exec", "--id", kRunId, "--", "/bin/sh", "-c", "echo x; exit 7"}, server.environment());
  const auto watched = run(scratch.path(), {"watch", kRunId, "--from", "1000000"}, server.environment());
  EXPECT_EQ(watched.status, 7);
  EXPECT_EQ(watched.out, "");
}

TEST(Watch, FromBehindTheEndOfAWorkflowsRunEndsToo) {
  const ScratchDirectory scratch;
  DemoServer server(scratch / "data");
  std::ofstream(scratch / "late.json")
      << R"({"StartAt":"W","TimeoutSeconds":1,"States":{"W":{"Type":"Wait","Seconds":600,"End":true}}})";
  server.ask({"workflow", "push", (scratch / "late.json").string(), "--name", "Late", "--publish"});
  const auto ended = server.ask({"run", "start", "Late", "--wait", "30"}).as_object();
  ASSERT_EQ(ended.at("status").as_string(), "timed_out");
  const std::string id(ended.at("id").as_string());
  const auto watched = run(scratch.path(), {"watch", id, "--from", "1000000"}, server.environment());
  EXPECT_EQ(watched.status, run(scratch.path(), {"watch", id}, server.environment()).status);
  EXPECT_NE(watched.status, 0);
}

}  // namespace
}  // namespace flowstone::cli
