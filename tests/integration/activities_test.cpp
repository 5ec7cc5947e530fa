// Tasks that programs elsewhere do, over HTTP.
#include "tests/integration/documents_fixture.hpp"

namespace flowstone::tests {
namespace {

constexpr std::string_view kResize = R"({"StartAt":"T","States":{"T":{"Type":"Task","Resource":"flowstone:activity",
  "Parameters":{"Activity":"resize","Input.$":"$"},"End":true,
  "Retry":[{"ErrorEquals":["Again"],"IntervalSeconds":1}]}}})";

class ActivitiesOverHttp : public Documents {
 protected:
  void SetUp() override {
    client = server.client();
    workflow = publish(kResize);
  }
  std::string publish(std::string_view definition) {
    const auto id =
        post("/v1/workflows", fmt::format(R"({{"name":"{}","definition":{}}})", ++names, definition)).member("id");
    EXPECT_EQ(post(fmt::format("/v1/workflows/{}/publish", id), "{}").status, 200);
    return id;
  }
  std::string begin(std::string_view input = "{}") {
    const auto started = post(fmt::format("/v1/workflows/{}/runs", workflow), fmt::format(R"({{"input":{}}})", input));
    EXPECT_EQ(started.status, 201) << started.body;
    return started.member("id");
  }
  Answer poll(int seconds = 0, Client* by = nullptr) {
    return (by == nullptr ? *client : *by).request("POST", "/v1/activities/poll", question(seconds));
  }
  static std::string question(int seconds) {
    return fmt::format(R"({{"activity":"resize","wait_seconds":{},"worker":"w"}})", seconds);
  }
  // Sends the question without reading the answer.
  static void ask(Client& by, int seconds) {
    const auto body = question(seconds);
    EXPECT_TRUE(
        by.send(fmt::format("POST /v1/activities/poll HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n"
                            "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                            by.key, body.size(), body)));
  }
  Answer say(const std::string& token, std::string_view word, std::string_view body = "{}") {
    return post(fmt::format("/v1/activities/{}/{}", token, word), body);
  }

  std::string workflow;
  int names = 0;
};

TEST_F(ActivitiesOverHttp, AreTakenKeptAndEnded) {
  const auto run = begin(R"({"width":640})");
  const auto polled = poll(10);
  ASSERT_EQ(polled.status, 200) << polled.body;
  EXPECT_EQ(polled.member("run_id"), run);
  EXPECT_NE(polled.body.find(R"("input":{"width":640})"), std::string::npos) << polled.body;
  const auto token = polled.member("token");
  EXPECT_EQ(say(token, "heartbeat").status, 200);
  const auto ended = say(token, "complete", R"({"output":{"bytes":7}})");
  EXPECT_EQ(ended.status, 200) << ended.body;
  EXPECT_EQ(end_of(run), "completed");
  const auto again = say(token, "complete");
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.member("code"), "task_not_out");
  EXPECT_EQ(say("nonsense", "complete").member("code"), "task_not_found");
}

TEST_F(ActivitiesOverHttp, NothingThereIsAnAnswerToo) {
  const auto polled = poll(0);
  EXPECT_EQ(polled.status, 200);
  EXPECT_EQ(polled.body, "{}");
}

TEST_F(ActivitiesOverHttp, APollWaitsForATask) {
  const auto other = server.client();
  ask(*other, 30);
  const auto run = begin();
  EXPECT_EQ(other->read().member("run_id"), run);
}

TEST_F(ActivitiesOverHttp, AFailureIsTheRunsToHandle) {
  const auto run = begin();
  const auto failed = say(poll(10).member("token"), "fail", R"({"error":"Again","cause":"no pixels"})");
  ASSERT_EQ(failed.status, 200) << failed.body;
  const auto second = poll(30);
  EXPECT_EQ(second.member("attempt"), "1") << second.body;
  EXPECT_EQ(say(second.member("token"), "fail").status, 200);
  EXPECT_EQ(end_of(run), "failed");
  EXPECT_EQ(get("/v1/runs/" + run).member("error"), "Activity.Failed");
}

TEST_F(ActivitiesOverHttp, APollWhoseClientHasGoneSwallowsNothing) {
  {
    const auto gone = server.client();
    ask(*gone, 60);
    // It waits by the time that this one is answered.
    EXPECT_EQ(poll(1).body, "{}");
  }
  const auto run = begin();
  EXPECT_EQ(poll(30).member("run_id"), run);
}

TEST_F(ActivitiesOverHttp, BadRequestsNameTheField) {
  EXPECT_EQ(post("/v1/activities/poll", "{}").member("field"), "activity");
  const auto long_wait = post("/v1/activities/poll", R"({"activity":"resize","wait_seconds":61})");
  EXPECT_EQ(long_wait.status, 422);
  EXPECT_EQ(long_wait.member("field"), "wait_seconds");
}

TEST_F(ActivitiesOverHttp, AnotherWorkspaceSeesNothingOfThem) {
  const auto run = begin();
  Client stranger(server.port());
  stranger.key = server.make_key(R"(["member"])", kOtherWorkspace);
  // The key is good as soon as the server has read of it.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (stranger.request("GET", "/v1/events?limit=1").status == 401 && std::chrono::steady_clock::now() < deadline)
    server.store().wait_beyond(server.store().state().durable, std::chrono::milliseconds(20), {});
  EXPECT_EQ(poll(0, &stranger).body, "{}");
  const auto token = poll(10).member("token");
  EXPECT_EQ(stranger.request("POST", fmt::format("/v1/activities/{}/complete", token), "{}").status, 409);
  EXPECT_EQ(say(token, "complete").status, 200);
  EXPECT_EQ(end_of(run), "completed");
}

TEST_F(ActivitiesOverHttp, WaitingPollsDoNotHoldTheServersEndUp) {
  const auto other = server.client();
  ask(*other, 60);
  EXPECT_EQ(poll(1).body, "{}");
  const auto before = std::chrono::steady_clock::now();
  server.stop_server();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(30));
}

TEST_F(ActivitiesOverHttp, WhoHoldsATaskMayEndItAfterARestart) {
  const auto run = begin();
  const auto token = poll(10).member("token");
  server.restart();
  client = server.client();
  Answer ended;
  do {
    ended = say(token, "complete", R"({"output":1})");
  } while (ended.status == 503);
  EXPECT_EQ(ended.status, 200) << ended.body;
  EXPECT_EQ(end_of(run), "completed");
}

TEST_F(ActivitiesOverHttp, ATaskCanWaitForAnEventOverARestart) {
  workflow = publish(R"({"StartAt":"E","States":{"E":{"Type":"Task","Resource":"flowstone:event",
    "Parameters":{"Type":"task.created","Condition":"event.data.title = 'go'"},"End":true}}})");
  const auto run = begin();
  EXPECT_EQ(post("/v1/tasks", R"({"title":"stop"})").status, 201);
  server.restart();
  client = server.client();
  EXPECT_EQ(post("/v1/tasks", R"({"title":"go"})").status, 201);
  EXPECT_EQ(end_of(run), "completed");
  EXPECT_NE(get("/v1/runs/" + run).body.find(R"("title":"go")"), std::string::npos);
}

}  // namespace
}  // namespace flowstone::tests
