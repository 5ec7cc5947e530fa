// `flowstone worker` against a real server.
#include <fstream>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): SIGTERM is POSIX's

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cli/client.hpp"
#include "cli/run_events.hpp"
#include "tests/cli/process.hpp"

namespace flowstone::cli {
namespace {

class Worker : public testing::Test {
 protected:
  void SetUp() override {
    const auto made = post("/v1/workflows", R"({"name":"Sum","definition":{"StartAt":"T","States":{"T":{"Type":"Task",
        "Resource":"flowstone:activity","Parameters":{"Activity":"sum","Input.$":"$"},"HeartbeatSeconds":2,"End":true,
        "Retry":[{"ErrorEquals":["States.HeartbeatTimeout"],"IntervalSeconds":1}]}}}})");
    workflow_ = text_of(made, "id");
    post("/v1/workflows/" + workflow_ + "/publish", "{}");
  }
  boost::json::object post(const std::string& target, const std::string& body) {
    auto client = Client::make({.url = server_.url(), .key = server_.key()});
    auto answer = client->command("POST", target, body);
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().sentence);
    return answer ? std::move(answer->as_object()) : boost::json::object();
  }
  std::string begin(const std::string& input = "{}") {
    return text_of(post("/v1/workflows/" + workflow_ + "/runs", R"({"input":)" + input + "}"), "id");
  }
  boost::json::object run_state(const std::string& run) { return server_.ask({"get", "run", run}).as_object(); }
  std::string end_of(const std::string& run) {
    EXPECT_TRUE(eventually([&] { return run_state(run).contains("finished_at"); }));
    return text_of(run_state(run), "status");
  }
  static std::vector<std::string> arguments(const std::string& script, std::vector<std::string> options = {}) {
    std::vector<std::string> all{"worker", "--activity", "sum"};
    all.insert(all.end(), options.begin(), options.end());
    all.insert(all.end(), {"--", "/bin/sh", "-c", script});
    return all;
  }
  Ran work(const std::string& script, const std::string& tasks = "1") {
    return run(scratch_.path(), arguments(script, {"--tasks", tasks}), server_.environment());
  }

  ScratchDirectory scratch_;
  DemoServer server_{scratch_ / "data"};
  std::string workflow_;
};

TEST_F(Worker, GivesTheProgramTheInputAndTheRunWhatItPrints) {
  const auto run = begin(R"({"a":1})");
  EXPECT_EQ(work(R"(printf '{"got":'; cat; printf ',"run":"%s"}' "$FLOWSTONE_RUN_ID")").status, 0);
  EXPECT_EQ(end_of(run), "completed");
  const auto state = run_state(run);
  EXPECT_EQ(*object_of(*object_of(state, "output"), "got"), (boost::json::object{{"a", 1}}));
  EXPECT_EQ(text_of(*object_of(state, "output"), "run"), run);
}

TEST_F(Worker, WhatIsNoJsonIsAText) {
  const auto run = begin();
  EXPECT_EQ(work("echo two words").status, 0);
  EXPECT_EQ(end_of(run), "completed");
  EXPECT_EQ(text_of(run_state(run), "output"), "two words");
}

TEST_F(Worker, AnExitStatusIsAFailureWithTheLastWords) {
  const auto run = begin();
  EXPECT_EQ(work("seq 1 100000 >&2; echo last words >&2; exit 3").status, 0);
  EXPECT_EQ(end_of(run), "failed");
  const auto state = run_state(run);
  EXPECT_EQ(text_of(state, "error"), "Activity.Failed");
  EXPECT_TRUE(text_of(state, "cause").starts_with("/bin/sh ended with exit status 3: "));
  EXPECT_TRUE(text_of(state, "cause").ends_with("100000\nlast words"));
}

TEST_F(Worker, IsHeardOfWhileTheProgramRuns) {
  const auto run = begin();
  EXPECT_EQ(work("sleep 5; echo 1").status, 0);
  EXPECT_EQ(end_of(run), "completed");
}

TEST_F(Worker, FinishesWhatItHoldsWhenItIsToldToStop) {
  const auto run = begin();
  const auto begun = (scratch_ / "begun").string(), go = (scratch_ / "go").string();
  Process worker(scratch_.path(),
                 arguments(fmt::format("touch {}; until test -e {}; do sleep 0.05; done; echo 1", begun, go)),
                 server_.environment());
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(begun); }));
  worker.signal(SIGTERM);
  std::ofstream{go} << "go";
  EXPECT_EQ(worker.wait(), 0);
  EXPECT_EQ(end_of(run), "completed");
}

TEST_F(Worker, WaitsForAServerThatIsAway) {
  const auto run = begin();
  server_.kill();
  Process worker(scratch_.path(), arguments("echo 1", {"--tasks", "1", "--concurrency", "2"}), server_.environment());
  ASSERT_TRUE(eventually([&] { return worker.err().contains("trying again"); }));
  server_.start_again();
  EXPECT_EQ(worker.wait(), 0);
  EXPECT_EQ(end_of(run), "completed");
}

TEST_F(Worker, OneThatDiesIsNoticedAndItsTaskIsDoneByAnother) {
  const auto run = begin();
  const auto begun = (scratch_ / "begun").string();
  Process worker(scratch_.path(), arguments(fmt::format("touch {}; exec sleep 60", begun)), server_.environment());
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(begun); }));
  worker.signal(SIGKILL);
  EXPECT_EQ(work("echo $FLOWSTONE_ATTEMPT").status, 0);
  EXPECT_EQ(end_of(run), "completed");
  EXPECT_EQ(number_of(run_state(run), "output"), 1);
}

TEST_F(Worker, AKeyThatMayNotIsRefusedAtOnce) {
  auto environment = server_.environment();
  environment["FLOWSTONE_KEY"] = "fsk_nonsense";
  EXPECT_EQ(run(scratch_.path(), arguments("echo 1"), environment).status, 1);
}

}  // namespace
}  // namespace flowstone::cli
