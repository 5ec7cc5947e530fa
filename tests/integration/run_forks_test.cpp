// Runs made from others, and runs side by side, over HTTP.
#include <thread>

#include "tests/integration/documents_fixture.hpp"

namespace flowstone::tests {
namespace {

// Nobody does such a task here: it fails.
constexpr std::string_view kFails = R"({"Type":"Task","Resource":"nobody:does","Next":"Last"})";
constexpr std::string_view kMended = R"({"Type":"Pass","Next":"Last"})";

class RunForksOverHttp : public Documents {
 protected:
  void SetUp() override { client = server.client(); }

  static std::string definition(std::string_view middle) {
    return fmt::format(
        R"({{"body":{{"StartAt":"First","States":{{"First":{{"Type":"Pass","Parameters":{{"n.$":"$.n","one":1}},"Next":"Middle"}},"Middle":{},"Last":{{"Type":"Pass","End":true}}}}}}}})",
        middle);
  }
  std::string publish(std::string_view middle) {
    const auto id =
        post("/v1/workflows", fmt::format(R"({{"name":"Flow","definition":{}}})", definition(middle))).member("id");
    EXPECT_EQ(post(fmt::format("/v1/workflows/{}/publish", id), "{}").status, 200);
    return id;
  }
  void publish_next(const std::string& id, std::string_view middle) {
    const auto body = fmt::format(R"({{"definition":{}}})", definition(middle));
    EXPECT_EQ(client->request("PATCH", "/v1/workflows/" + id, body).status, 200);
    EXPECT_EQ(post(fmt::format("/v1/workflows/{}/publish", id), "{}").status, 200);
  }
  Answer start(const std::string& workflow, std::string_view input = R"({"n":7})") {
    return post(fmt::format("/v1/workflows/{}/runs", workflow),
                fmt::format(R"({{"input":{},"wait_seconds":30,"labels":["nightly"]}})", input));
  }
  Answer ask(const std::string& run, std::string_view what, std::string_view body, std::string_view headers = {}) {
    return client->request("POST", fmt::format("/v1/runs/{}/{}", run, what), body, headers);
  }
  Answer compare(const std::string& a, const std::string& b, std::string_view more = "") {
    return get(fmt::format("/v1/runs/compare?a={}&b={}{}", a, b, more));
  }
};

TEST_F(RunForksOverHttp, WhatFailedIsDoneAgainInAVersionThatIsMended) {
  const auto workflow = publish(kFails);
  const auto failed = start(workflow);
  ASSERT_EQ(failed.member("status"), "failed") << failed.body;
  const auto run = failed.member("id");
  const auto again = ask(run, "retry-failed", R"({"wait_seconds":30})");
  ASSERT_EQ(again.status, 201) << again.body;
  EXPECT_EQ(again.member("status"), "failed");
  EXPECT_EQ(again.member("forked_from"), run);
  EXPECT_EQ(again.header("location"), "/v1/runs/" + again.member("id"));
  publish_next(workflow, kMended);
  const auto mended = ask(run, "retry-failed", R"({"version":2,"wait_seconds":30})");
  ASSERT_EQ(mended.status, 201) << mended.body;
  EXPECT_EQ(mended.member("status"), "completed");
  EXPECT_EQ(mended.member("forked_sequence"), "3");
  EXPECT_EQ(mended.member("workflow_version"), "2");
  EXPECT_NE(mended.body.find(R"("labels":["nightly"])"), std::string::npos) << mended.body;
  EXPECT_NE(mended.body.find(R"("output":{"n":7,"one":1})"), std::string::npos) << mended.body;
  // The other one stays as it is.
  EXPECT_EQ(get("/v1/runs/" + run).member("status"), "failed");
  const auto told = compare(run, mended.member("id"));
  ASSERT_EQ(told.status, 200) << told.body;
  EXPECT_EQ(told.member("steps_same"), "1");
  EXPECT_EQ(told.member("steps_different"), "1");
  EXPECT_EQ(told.member("steps_only_b"), "1");
  EXPECT_NE(told.body.find(R"("first_difference":{"number":2,"step":"Middle")"), std::string::npos) << told.body;
}

TEST_F(RunForksOverHttp, MoreEventsThanAForkMayShareAreRefused) {
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  GTEST_SKIP() << "with a sanitizer so long a run is read for longer than the client waits";
#endif
  // Of each item the log has four events.
  const auto workflow =
      publish(R"({"Type":"Map","QueryLanguage":"JSONata","Items":"{% [1..25010] %}","Output":1,"Next":"Last",
                  "ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","Result":1,"End":true}}}})");
  const auto id = post(fmt::format("/v1/workflows/{}/runs", workflow), R"({"input":{"n":7}})").member("id");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(5);
  while (get("/v1/runs/" + id).member("status") != "completed") {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  const auto refused = ask(id, "rerun-from", R"({"step":"Last"})");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.member("code"), "too_many_events") << refused.body;
}

TEST_F(RunForksOverHttp, AStepIsDoneAgainWithTheSameInput) {
  const auto workflow = publish(kMended);
  const auto run = start(workflow).member("id");
  const auto again = ask(run, "rerun-from", R"({"step":"Middle","name":"Again","wait_seconds":30})");
  ASSERT_EQ(again.status, 201) << again.body;
  EXPECT_EQ(again.member("status"), "completed");
  EXPECT_EQ(again.member("name"), "Again");
  EXPECT_EQ(again.member("forked_sequence"), "3");
  EXPECT_EQ(compare(run, again.member("id")).member("same"), "true");
  EXPECT_EQ(ask(run, "rerun-from", R"({"step":"Nowhere"})").member("code"), "step_never_began");
  EXPECT_EQ(ask(run, "rerun-from", R"({"step":"Middle","path":"Each[0]"})").member("code"), "step_never_began");
  EXPECT_EQ(ask(run, "rerun-from", "{}").member("field"), "step");
  EXPECT_EQ(ask(run, "retry-failed", "{}").member("code"), "nothing_failed");
}

TEST_F(RunForksOverHttp, AForkGoesOnFromAnyEventAndFromNoneAtAll) {
  const auto workflow = publish(kMended);
  const auto first = start(workflow);
  const auto run = first.member("id");
  const auto events = first.number("last_sequence");
  for (std::uint64_t sequence = 0; sequence < events; ++sequence) {
    const auto made = ask(run, "fork", fmt::format(R"({{"sequence":{},"wait_seconds":30}})", sequence));
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.number("forked_sequence"), sequence);
    EXPECT_EQ(compare(run, made.member("id")).member("same"), "true") << made.body;
  }
  EXPECT_EQ(ask(run, "fork", R"({"wait_seconds":30})").number("forked_sequence"), events - 1);
  const auto beyond = ask(run, "fork", fmt::format(R"({{"sequence":{}}})", events));
  EXPECT_EQ(beyond.status, 422) << beyond.body;
  EXPECT_EQ(beyond.member("field"), "sequence");
  publish_next(workflow, R"({"Type":"Wait","Seconds":1,"Next":"Last"})");
  const auto other = ask(run, "fork", fmt::format(R"({{"sequence":{},"version":3}})", events - 1));
  EXPECT_EQ(other.member("code"), "no_such_version") << other.body;
}

TEST_F(RunForksOverHttp, EventsThatAVersionCannotHaveAreRefused) {
  const auto workflow = publish(kMended);
  const auto run = start(workflow).member("id");
  const auto body = R"({"definition":{"body":{"StartAt":"Other","States":{"Other":{"Type":"Succeed"}}}}})";
  EXPECT_EQ(client->request("PATCH", "/v1/workflows/" + workflow, body).status, 200);
  EXPECT_EQ(post(fmt::format("/v1/workflows/{}/publish", workflow), "{}").status, 200);
  const auto refused = ask(run, "fork", R"({"version":2})");
  EXPECT_EQ(refused.status, 409) << refused.body;
  EXPECT_EQ(refused.member("code"), "version_does_not_fit");
  EXPECT_EQ(ask(run, "fork", R"({"version":2,"sequence":0,"wait_seconds":30})").member("status"), "completed");
}

TEST_F(RunForksOverHttp, OneKeyMakesOneRun) {
  const auto run = start(publish(kMended)).member("id");
  constexpr std::string_view kKey = "Idempotency-Key: again\r\n";
  const auto first = ask(run, "fork", R"({"sequence":3})", kKey);
  const auto second = ask(run, "fork", R"({"sequence":3})", kKey);
  EXPECT_EQ(second.status, 201) << second.body;
  EXPECT_EQ(first.member("id"), second.member("id"));
  EXPECT_EQ(ask(run, "fork", R"({"sequence":4})", kKey).member("code"), "idempotency_key_reused");
}

TEST_F(RunForksOverHttp, RunsThatCannotBeTakenUpAreRefusedWithAReason) {
  const auto recorded = server.make_run(3);
  for (const auto* what : {"fork", "retry-failed"}) {
    const auto refused = ask(recorded, what, "{}");
    EXPECT_EQ(refused.status, 409) << refused.body;
    EXPECT_EQ(refused.member("code"), "no_workflow");
  }
  const auto nobody = "01920000-0000-7000-8000-00000000ffff";
  EXPECT_EQ(ask(nobody, "fork", "{}").status, 404);
  const auto id = post("/v1/workflows", R"({"name":"W","definition":{"body":{"StartAt":"W","States":{
    "W":{"Type":"Task","Resource":"flowstone:signal","Parameters":{"Name":"go"},"End":true}}}}})")
                      .member("id");
  EXPECT_EQ(post(fmt::format("/v1/workflows/{}/publish", id), "{}").status, 200);
  const auto waiting = post(fmt::format("/v1/workflows/{}/runs", id), "{}").member("id");
  EXPECT_EQ(ask(waiting, "retry-failed", "{}").member("code"), "run_still_running");
  // What was cancelled goes on.
  EXPECT_EQ(post(fmt::format("/v1/runs/{}/cancel", waiting), "{}").status, 200);
  EXPECT_EQ(end_of(waiting), "cancelled");
  const auto again = ask(waiting, "retry-failed", "{}");
  ASSERT_EQ(again.status, 201) << again.body;
  EXPECT_EQ(again.member("status"), "running");
  EXPECT_EQ(post(fmt::format("/v1/runs/{}/signal", again.member("id")), R"({"name":"go"})").status, 200);
  EXPECT_EQ(end_of(again.member("id")), "completed");
}

TEST_F(RunForksOverHttp, ComparisonsArePagedAndRefuseWhatIsNoRun) {
  const auto workflow = publish(kMended);
  const auto a = start(workflow).member("id"), b = start(workflow, R"({"n":8})").member("id");
  const auto whole = compare(a, b);
  ASSERT_EQ(whole.status, 200) << whole.body;
  EXPECT_EQ(whole.member("same"), "false");
  EXPECT_EQ(whole.member("same_input"), "false");
  EXPECT_EQ(whole.member("steps_different"), "3");
  EXPECT_NE(whole.body.find(R"("input":[{"pointer":"/n","a":7,"b":8}])"), std::string::npos) << whole.body;
  const auto first = compare(a, b, "&limit=2");
  EXPECT_EQ(first.member("next_cursor"), "2");
  const auto rest = compare(a, b, "&cursor=2");
  EXPECT_EQ(rest.member("next_cursor"), "") << rest.body;
  EXPECT_NE(rest.body.find(R"("steps":[{"number":3)"), std::string::npos) << rest.body;
  EXPECT_EQ(compare(a, a, "&differences=true").body.find(R"("number")"), std::string::npos);
  EXPECT_EQ(get("/v1/runs/compare?a=" + a).member("field"), "b");
  EXPECT_EQ(compare(a, "x").member("field"), "b");
  EXPECT_EQ(compare(a, "01920000-0000-7000-8000-00000000ffff").status, 404);
  EXPECT_EQ(compare(a, b, "&limit=0").member("field"), "limit");
}

TEST_F(RunForksOverHttp, ViewersCompareAndDoNotFork) {
  const auto run = start(publish(kMended)).member("id");
  const auto with_key = [this](const std::string& key) {
    auto other = std::make_unique<Client>(server.port());
    other->key = key;
    // Keys made behind the server's back are noticed by its next sweep.
    for (int tries = 0; tries < 500 && other->request("GET", "/v1/tasks").status == 401; ++tries) usleep(10'000);
    return other;
  };
  const auto viewer = with_key(server.make_key(R"(["viewer"])"));
  EXPECT_EQ(viewer->request("GET", fmt::format("/v1/runs/compare?a={}&b={}", run, run)).status, 200);
  EXPECT_EQ(viewer->request("POST", fmt::format("/v1/runs/{}/fork", run), "{}").status, 403);
  const auto other = with_key(server.make_key(R"(["member"])", kOtherWorkspace));
  EXPECT_EQ(other->request("POST", fmt::format("/v1/runs/{}/fork", run), "{}").status, 404);
  EXPECT_EQ(other->request("GET", fmt::format("/v1/runs/compare?a={}&b={}", run, run)).status, 404);
}

}  // namespace
}  // namespace flowstone::tests
