// Workflows that start by themselves, over HTTP: events, times, and why nothing was started.
#include "base/hmac.hpp"
#include "tests/integration/triggers_fixture.hpp"

namespace flowstone::tests {
namespace {

constexpr std::string_view kBody = R"("body":{"StartAt":"Done","States":{"Done":{"Type":"Succeed"}}})";
constexpr std::string_view kOnCreated =
    R"({"id":"t","kind":"event","types":["task.created"],"condition":"event.data.title = 'go' and true"})";

class TriggersOverHttp : public Triggered {
 protected:
  // A published workflow with this trigger; the trigger's id, once it is there.
  std::string publish(std::string_view trigger, std::string_view more = "") {
    const auto made = post("/v1/workflows", fmt::format(R"({{"name":"Intake","definition":{{"triggers":[{}],{}{}}}}})",
                                                        trigger, more, kBody));
    EXPECT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(post(fmt::format("/v1/workflows/{}/publish", made.member("id")), "{}").status, 200);
    settle();
    return list("/v1/triggers").member("id");
  }
  Answer list(std::string_view path) {
    return get(fmt::format("{}?min_position={}", path, server.store().state().durable.value));
  }
  Answer evaluations(const std::string& id, std::string_view query = "") {
    return get(fmt::format("/v1/triggers/{}/evaluations{}", id, query));
  }
  void create_task(std::string_view title) {
    EXPECT_EQ(post("/v1/tasks", fmt::format(R"({{"title":"{}"}})", title)).status, 201);
  }
};

TEST_F(TriggersOverHttp, EventStartsARunAndEvaluationsSayWhatBecameOfTheOthers) {
  const auto id = publish(kOnCreated);
  create_task("stop");
  create_task("go");
  settle();
  EXPECT_EQ(count_of("run.requested"), 1U);
  const auto newest = evaluations(id, "?limit=1");
  ASSERT_EQ(newest.status, 200) << newest.body;
  EXPECT_EQ(newest.member("outcome"), "started");
  const auto before = evaluations(id, "?cursor=" + newest.member("next_cursor"));
  EXPECT_EQ(before.member("outcome"), "skipped");
  EXPECT_EQ(before.member("reason"), "condition_false");
  EXPECT_EQ(before.member("condition"), "event.data.title = 'go'");
  const auto started = list("/v1/runs/" + newest.member("run_id"));
  EXPECT_EQ(started.status, 200) << started.body;
}

TEST_F(TriggersOverHttp, PausedOneStartsNothingUntilItIsResumed) {
  const auto id = publish(kOnCreated);
  EXPECT_EQ(post(fmt::format("/v1/triggers/{}/pause", id), R"({"reason":"holiday"})").member("status"), "paused");
  create_task("go");
  settle();
  EXPECT_EQ(post(fmt::format("/v1/triggers/{}/resume", id), "{}").member("status"), "enabled");
  settle();
  EXPECT_EQ(count_of("run.requested"), 0U);
}

TEST_F(TriggersOverHttp, SchedulesAreListedWithTheirNextTimes) {
  publish(R"({"id":"nightly","kind":"schedule","cron":"0 2 * * *","time_zone":"Europe/Berlin"})");
  const auto schedules = list("/v1/schedules");
  ASSERT_EQ(schedules.status, 200) << schedules.body;
  EXPECT_EQ(schedules.member("name"), "nightly");
  EXPECT_NE(schedules.body.find("next_due_at"), std::string::npos);
}

TEST_F(TriggersOverHttp, EvaluationsOfNoTriggerAreNotFound) {
  EXPECT_EQ(evaluations("01920000-0000-7000-8000-000000000001").status, 404);
  EXPECT_EQ(evaluations("01920000-0000-7000-8000-000000000001", "?limit=0").status, 400);
}

// --- webhooks ---

class WebhooksOverHttp : public TriggersOverHttp {
 protected:
  void listen(std::string_view more = "", std::string_view signature = "standard") {
    id = publish(fmt::format(R"({{"id":"orders","kind":"webhook","signature":"{}"{}}})", signature, more));
    learn();
  }
  void learn() {
    const auto told = get(fmt::format("/v1/triggers/{}/webhook", id));
    ASSERT_EQ(told.status, 200) << told.body;
    path = told.member("path");
    secret = told.member("secret");
  }
  static std::string signature_of(std::string_view of_secret, std::string_view delivery, std::string_view time,
                                  std::string_view body) {
    const auto key = from_base64(of_secret.substr(6)).value();
    return "v1," + to_base64(view(hmac_sha256(key, fmt::format("{}.{}.{}", delivery, time, body))));
  }
  Answer deliver(std::string_view delivery, const std::string& body, std::string_view with = {}) {
    const auto time = std::to_string(SystemClock().now().micros / 1'000'000);
    const auto signature = signature_of(with.empty() ? std::string_view(secret) : with, delivery, time, body);
    return send_to(
        path, body,
        fmt::format("webhook-id: {}\r\nwebhook-timestamp: {}\r\nwebhook-signature: {}\r\n", delivery, time, signature));
  }
  // As somebody without a key.
  Answer send_to(std::string_view to, const std::string& body, const std::string& headers) {
    Client stranger(server.port());
    return stranger.request("POST", to, body, headers);
  }

  std::string id, path, secret;
};

TEST_F(WebhooksOverHttp, SignedDeliveryStartsOneRunHoweverOftenItComes) {
  listen(R"(,"input":{"order":"{% webhook.body.order %}"})");
  const auto first = deliver("msg_1", R"({"order":7})");
  ASSERT_EQ(first.status, 202) << first.body;
  EXPECT_EQ(first.member("outcome"), "started");
  const auto again = deliver("msg_1", R"({"order":7})");
  EXPECT_EQ(again.member("run_id"), first.member("run_id"));
  EXPECT_NE(deliver("msg_2", R"({"order":8})").member("run_id"), first.member("run_id"));
  EXPECT_EQ(count_of("run.requested"), 2U);
  EXPECT_EQ(count_of("trigger.evaluated"), 2U);
  const auto run = list("/v1/runs/" + first.member("run_id"));
  EXPECT_NE(run.body.find(R"("order":7)"), std::string::npos) << run.body;
  EXPECT_NE(run.body.find(R"("kind":"webhook")"), std::string::npos) << run.body;
}

TEST_F(WebhooksOverHttp, ReplayAfterARestartStartsNothing) {
  listen();
  const auto first = deliver("msg_1", "{}");
  server.restart();
  client = server.client();
  EXPECT_EQ(deliver("msg_1", "{}").member("run_id"), first.member("run_id"));
  EXPECT_EQ(count_of("run.requested"), 1U);
}

TEST_F(WebhooksOverHttp, FalseSignaturesAreRefusedAndLeaveNothing) {
  listen();
  const auto before = server.store().state().durable;
  const auto refused = deliver("msg_1", "{}", "whsec_AAAA");
  EXPECT_EQ(refused.status, 401) << refused.body;
  EXPECT_EQ(refused.member("code"), "signature_invalid");
  EXPECT_EQ(send_to(path, "{}", "").member("code"), "signature_missing");
  const auto old = std::to_string(SystemClock().now().micros / 1'000'000 - 301);
  EXPECT_EQ(send_to(path, "{}",
                    fmt::format("webhook-id: a\r\nwebhook-timestamp: {}\r\nwebhook-signature: {}\r\n", old,
                                signature_of(secret, "a", old, "{}")))
                .member("code"),
            "timestamp_out_of_tolerance");
  EXPECT_EQ(send_to("/v1/webhooks/" + std::string(64, 'A'), "{}", "").status, 404);
  EXPECT_EQ(send_to("/v1/webhooks/x", "{}", "").status, 404);
  EXPECT_EQ(deliver("msg_1", "{not json").member("code"), "malformed_json");
  EXPECT_EQ(deliver("msg_1", '"' + std::string(300'000, 'a') + '"').status, 413);
  EXPECT_EQ(server.store().state().durable, before);
}

TEST_F(WebhooksOverHttp, ConditionAndPauseSayWhyNothingStarted) {
  listen(R"(,"condition":"webhook.body.total > 10")");
  const auto skipped = deliver("msg_1", R"({"total":3})");
  EXPECT_EQ(skipped.member("outcome"), "skipped");
  EXPECT_EQ(skipped.member("reason"), "condition_false");
  EXPECT_EQ(evaluations(id).member("condition"), "webhook.body.total > 10");
  EXPECT_EQ(post(fmt::format("/v1/triggers/{}/pause", id), "{}").status, 200);
  EXPECT_EQ(deliver("msg_2", R"({"total":30})").member("reason"), "trigger_paused");
  EXPECT_EQ(count_of("run.requested"), 0U);
}

TEST_F(WebhooksOverHttp, RotationEndsTheOldAddressAndSecret) {
  listen();
  const auto old_path = path, old_secret = secret;
  EXPECT_EQ(post(fmt::format("/v1/triggers/{}/rotate-webhook", id), R"({"reason":"leaked"})").status, 200);
  EXPECT_EQ(deliver("msg_1", "{}").status, 404);
  learn();
  EXPECT_NE(path, old_path);
  EXPECT_EQ(deliver("msg_1", "{}", old_secret).status, 401);
  EXPECT_EQ(deliver("msg_1", "{}").status, 202);
}

TEST_F(WebhooksOverHttp, GithubSignsItsOwnWay) {
  listen(R"(,"condition":"webhook.event = 'push'")", "github");
  const std::string body = R"({"ref":"refs/heads/main"})";
  const auto headers = fmt::format("X-GitHub-Event: push\r\nX-Hub-Signature-256: sha256={}\r\n",
                                   to_hex(view(hmac_sha256(secret, body))));
  EXPECT_EQ(send_to(path, body, headers).member("outcome"), "started");
  EXPECT_EQ(send_to(path, body + " ", headers).status, 401);
}

TEST_F(WebhooksOverHttp, OnlyAdminsLearnTheSecretAndNoEventHoldsIt) {
  listen();
  EXPECT_EQ(post(fmt::format("/v1/triggers/{}/rotate-webhook", id), "{}").status, 200);
  learn();
  Client member(server.port());
  member.key = server.make_key(R"(["member"])");
  // Keys made behind the server's back are noticed by its next sweep.
  for (int tries = 0; tries < 500 && member.request("GET", "/v1/triggers").status == 401; ++tries) usleep(10'000);
  EXPECT_EQ(member.request("GET", fmt::format("/v1/triggers/{}/webhook", id)).status, 403);
  auto reader = server.store().read({}, {});
  while (const auto* event = (*reader)->next().value())
    EXPECT_EQ(event->payload.find(secret.substr(6)), std::string::npos) << event->type;
}

TEST_F(WebhooksOverHttp, TriggerThatIsNoneHasNoAddress) {
  const auto event = publish(kOnCreated);
  const auto asked = get(fmt::format("/v1/triggers/{}/webhook", event));
  EXPECT_EQ(asked.status, 409);
  EXPECT_EQ(asked.member("code"), "not_a_webhook");
  EXPECT_EQ(post(fmt::format("/v1/triggers/{}/rotate-webhook", event), "{}").member("code"), "not_a_webhook");
  EXPECT_EQ(get("/v1/triggers/01920000-0000-7000-8000-000000000001/webhook").status, 404);
}

}  // namespace
}  // namespace flowstone::tests
