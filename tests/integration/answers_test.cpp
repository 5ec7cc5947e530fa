// What right requests get: states, tags, positions, pages, past states, batches.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/integration/running_server.hpp"

namespace flowstone::tests {
namespace {

class Answers : public testing::Test {
 protected:
  static void SetUpTestSuite() { server = new RunningServer; }
  static void TearDownTestSuite() {
    delete server;
    server = nullptr;
  }
  void SetUp() override { client = server->client(); }
  Answer post(std::string_view target, std::string_view body, std::string_view headers = {}) {
    return client->request("POST", target, body, headers);
  }

  static RunningServer* server;
  std::unique_ptr<Client> client;
};
RunningServer* Answers::server = nullptr;

TEST_F(Answers, CreateAnswersWithStateTagPositionAndPlace) {
  const auto answer = post("/v1/tasks", R"({"title":"Write","priority":4})");
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.member("title"), "Write");
  EXPECT_EQ(answer.header("etag"), "\"1\"");
  EXPECT_EQ(answer.header("location"), "/v1/tasks/" + answer.member("id"));
  EXPECT_EQ(answer.header("flowstone-position"), std::to_string(server->store().state().durable.value));
}

TEST_F(Answers, WrittenTaskIsReadAtItsPosition) {
  const auto created = post("/v1/tasks", R"({"title":"Read me"})");
  const auto read = client->request(
      "GET", fmt::format("/v1/tasks/{}?min_position={}", created.member("id"), created.header("flowstone-position")));
  EXPECT_EQ(read.status, 200);
  EXPECT_EQ(read.body, created.body);
  EXPECT_EQ(read.header("etag"), "\"1\"");
}

TEST_F(Answers, KnownRevisionIsNotSentAgain) {
  const auto created = post("/v1/tasks", R"({"title":"Known"})");
  const auto read = client->request(
      "GET", fmt::format("/v1/tasks/{}?min_position={}", created.member("id"), created.header("flowstone-position")),
      {}, "If-None-Match: \"1\"\r\n");
  EXPECT_EQ(read.status, 304);
  EXPECT_EQ(read.body, "");
}

TEST_F(Answers, SameKeyAndRequestGetTheSameAnswerAndOneEvent) {
  const std::string key = "Idempotency-Key: \"once-1\"\r\n";
  const auto first = post("/v1/tasks", R"({"title":"Once"})", key);
  const auto head = server->store().state().durable;
  const auto second = post("/v1/tasks", R"({"title":"Once"})", key);
  EXPECT_EQ(second.status, 201);
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(second.header("idempotent-replayed"), "true");
  EXPECT_EQ(server->store().state().durable, head);
}

TEST_F(Answers, PatchChangesGivenFieldsAndNullRemoves) {
  const auto id = post("/v1/tasks", R"({"title":"a","effort_minutes":30,"description":"d"})").member("id");
  const auto patched = client->request("PATCH", "/v1/tasks/" + id, R"({"title":"b","effort_minutes":null})");
  EXPECT_EQ(patched.status, 200);
  EXPECT_EQ(patched.member("title"), "b");
  EXPECT_EQ(patched.member("effort_minutes"), "");
  EXPECT_EQ(patched.member("description"), "d");
  EXPECT_EQ(patched.header("etag"), "\"2\"");
}

TEST_F(Answers, CommandWithoutFieldsNeedsNoBody) {
  const auto id = post("/v1/tasks", R"({"title":"a"})").member("id");
  const auto done = post("/v1/tasks/" + id + "/complete", "");
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(done.member("status"), "completed");
}

TEST_F(Answers, PastStateIsReadByPosition) {
  const auto created = post("/v1/tasks", R"({"title":"old"})");
  client->request("PATCH", "/v1/tasks/" + created.member("id"), R"({"title":"new"})");
  const auto past = client->request(
      "GET", fmt::format("/v1/tasks/{}?as_of={}", created.member("id"), created.header("flowstone-position")));
  EXPECT_EQ(past.member("title"), "old");
  const auto before = client->request("GET", fmt::format("/v1/tasks/{}?as_of={}", created.member("id"),
                                                         std::stoull(created.header("flowstone-position")) - 1));
  EXPECT_EQ(before.status, 404);
}

TEST_F(Answers, PastStateIsReadByTime) {
  const auto created = post("/v1/tasks", R"({"title":"timed"})");
  const auto past =
      client->request("GET", fmt::format("/v1/tasks/{}?as_of={}", created.member("id"), created.member("created_at")));
  EXPECT_EQ(past.member("title"), "timed") << past.body;
}

TEST_F(Answers, PagesFollowTheCursorToTheEndWithoutGapOrDouble) {
  std::string position;
  for (int at = 0; at < 7; ++at)
    position =
        post("/v1/tasks", fmt::format(R"({{"title":"page {}","labels":["paged"]}})", at)).header("flowstone-position");
  std::vector<std::string> ids;
  std::string cursor;
  for (int pages = 0; pages < 10 && cursor != "null"; ++pages) {
    const auto page =
        client->request("GET", fmt::format("/v1/tasks?labels=paged&sort=-title&limit=3&min_position={}{}{}", position,
                                           cursor.empty() ? "" : "&cursor=", cursor));
    ASSERT_EQ(page.status, 200) << page.body;
    for (std::size_t at = page.body.find("{\"id\":"); at != std::string::npos;
         at = page.body.find("{\"id\":", at + 1)) {
      ids.push_back(member_of(std::string_view(page.body).substr(at), "title"));
    }
    cursor = page.member("next_cursor");
  }
  EXPECT_EQ(ids, (std::vector<std::string>{"page 6", "page 5", "page 4", "page 3", "page 2", "page 1", "page 0"}));
}

TEST_F(Answers, FiltersRestrictTheList) {
  post("/v1/tasks", R"({"title":"f1","priority":5,"labels":["filtered"],"due_at":"2030-01-10T00:00:00Z"})");
  const auto last =
      post("/v1/tasks", R"({"title":"f2","priority":1,"labels":["filtered"],"due_at":"2030-02-10T00:00:00Z"})")
          .header("flowstone-position");
  const auto titles = [&](std::string_view filter) {
    const auto page = client->request("GET", fmt::format("/v1/tasks?labels=filtered&{}&min_position={}", filter, last));
    std::string found;
    for (const char* title : {"f1", "f2"}) {
      if (page.body.find(fmt::format("\"title\":\"{}\"", title)) != std::string::npos) found += title;
    }
    return found;
  };
  EXPECT_EQ(titles("priority_min=4"), "f1");
  EXPECT_EQ(titles("priority_max=4"), "f2");
  EXPECT_EQ(titles("priority=1,5"), "f1f2");
  EXPECT_EQ(titles("due_at_after=2030-02-01T00:00:00Z"), "f2");
  EXPECT_EQ(titles("due_at_before=2030-02-10T00:00:00Z"), "f1");
  EXPECT_EQ(titles("status=completed"), "");
}

TEST_F(Answers, BatchAnswersEachCommandByItself) {
  const auto answer = post("/v1/commands", R"({"commands":[
    {"command":"create_task","command_id":"b-1","data":{"title":"one"}},
    {"command":"create_task","command_id":"b-2","data":{"title":""}},
    {"command":"launch_rocket","command_id":"b-3"}]})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_NE(answer.body.find(R"({"command_id":"b-1","status":201)"), std::string::npos) << answer.body;
  EXPECT_NE(answer.body.find(R"({"command_id":"b-2","status":422)"), std::string::npos) << answer.body;
  EXPECT_NE(answer.body.find(R"({"command_id":"b-3","status":422)"), std::string::npos) << answer.body;
}

TEST_F(Answers, CommandIdThatTheLogCannotHoldIsNamed) {
  for (const auto* id : {"two words", "caf\u00e9", "tab\\t"}) {
    const auto answer = post(
        "/v1/commands",
        fmt::format(R"({{"commands":[{{"command":"create_task","command_id":"{}","data":{{"title":"one"}}}}]}})", id));
    EXPECT_EQ(answer.status, 422) << answer.body;
    EXPECT_NE(answer.body.find("command_id"), std::string::npos) << answer.body;
  }
}

TEST_F(Answers, AtomicBatchWritesAllOrNothing) {
  const auto head = server->store().state().durable;
  const auto refused = post("/v1/commands", R"({"atomic":true,"commands":[
    {"command":"create_task","command_id":"a-1","data":{"title":"one"}},
    {"command":"create_task","command_id":"a-2","data":{}}]})");
  EXPECT_NE(refused.body.find(R"({"command_id":"a-1","status":424)"), std::string::npos) << refused.body;
  EXPECT_EQ(server->store().state().durable, head);
  const auto taken = post("/v1/commands", R"({"atomic":true,"commands":[
    {"command":"create_task","command_id":"a-3","data":{"title":"one"}},
    {"command":"create_task","command_id":"a-4","data":{"title":"two"}}]})");
  EXPECT_NE(taken.body.find(R"({"command_id":"a-4","status":201)"), std::string::npos) << taken.body;
  EXPECT_EQ(server->store().state().durable.value, head.value + 2);
}

TEST_F(Answers, AuditTellsWhoChangedWhat) {
  const auto created = post("/v1/tasks", R"({"title":"audited"})");
  const auto patched = client->request("PATCH", "/v1/tasks/" + created.member("id"), R"({"priority":5})",
                                       "X-Request-ID: audit-request\r\n");
  const auto timeline = client->request("GET", fmt::format("/v1/audit?entity=task-{}&min_position={}",
                                                           created.member("id"), patched.header("flowstone-position")));
  // `min_position` is no parameter of the audit's own, but every view takes it.
  ASSERT_EQ(timeline.status, 200) << timeline.body;
  EXPECT_NE(timeline.body.find(R"({"field":"priority","from":3,"to":5})"), std::string::npos) << timeline.body;
  EXPECT_NE(timeline.body.find("\"request_id\":\"audit-request\""), std::string::npos);
  EXPECT_NE(timeline.body.find("\"actor\":\"key:"), std::string::npos);
}

TEST_F(Answers, TreeRootIsOfTheAskedSize) {
  post("/v1/tasks", R"({"title":"Another leaf"})");
  const auto head = server->store().state().durable;
  const auto now = client->request("GET", "/v1/audit/root");
  EXPECT_EQ(now.number("size"), head.value);
  EXPECT_EQ(now.member("root").size(), 64U);
  const auto past = client->request("GET", "/v1/audit/root?size=1");
  EXPECT_EQ(past.number("size"), 1U);
  EXPECT_NE(past.member("root"), now.member("root"));
  EXPECT_EQ(client->request("GET", fmt::format("/v1/audit/root?size={}", head.value + 1)).status, 400);
}

TEST_F(Answers, RecordsSayWhereToReadOn) {
  post("/v1/tasks", R"({"title":"One more leaf"})");
  const auto head = server->store().state().durable.value;
  EXPECT_EQ(client->request("GET", "/v1/audit/records?limit=1").member("next_cursor"), "2");
  EXPECT_NE(
      client->request("GET", fmt::format("/v1/audit/records?from={}&limit=1", head)).body.find("\"next_cursor\":null"),
      std::string::npos);
}

TEST_F(Answers, PagesItAnswersThemselvesAreTakenByWhoAcceptsThem) {
  EXPECT_EQ(client->request("GET", "/metrics", {}, "Accept: text/plain\r\n").status, 200);
  EXPECT_EQ(client->request("GET", "/docs", {}, "Accept: text/html\r\n").status, 200);
}

TEST_F(Answers, ProjectionsTellWhereTheyStand) {
  const auto answer = client->request("GET", "/v1/projections/tasks");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.member("name"), "tasks");
  EXPECT_EQ(client->request("GET", "/v1/projections/nothing").status, 404);
  EXPECT_EQ(post("/v1/projections/tasks/cancel", "").status, 409);
}

TEST_F(Answers, RebuildIsAcceptedAndSeenAsAStream) {
  EXPECT_EQ(post("/v1/projections/tasks/rebuild", "").status, 202);
  client->send(
      fmt::format("GET /v1/projections/tasks HTTP/1.1\r\nHost: a\r\nAccept: application/x-ndjson\r\nAuthorization: "
                  "Bearer {}\r\n\r\n",
                  client->key));
  EXPECT_EQ(client->read(false).status, 200);
  std::string state;
  while (state != "live") {
    const auto chunk = client->take_chunk();
    ASSERT_TRUE(chunk);
    state = member_of(*chunk, "state");
  }
}

TEST_F(Answers, MetricsTellOfRequestsLogAndProjections) {
  post("/v1/tasks", R"({"title":"Counted"})");
  const auto answer = client->request("GET", "/metrics");
  for (const char* name :
       {"flowstone_log_position{part=\"durable\"}", "flowstone_http_requests_total{method=\"POST\",route=\"/v1/tasks\"",
        "flowstone_projection_lag_events{projection=\"tasks\"}", "flowstone_append_duration_seconds_bucket",
        "flowstone_workflow_timers 0", "flowstone_build_info"}) {
    EXPECT_NE(answer.body.find(name), std::string::npos) << name;
  }
}

TEST_F(Answers, BareAddressLeadsToTheDocs) {
  const auto answer = Client(server->port()).request("GET", "/");
  EXPECT_EQ(answer.status, 307);
  EXPECT_EQ(answer.header("location"), "/docs");
}

TEST_F(Answers, DocsPageNeedsNothingFromElsewhere) {
  const auto answer = client->request("GET", "/docs");
  EXPECT_EQ(answer.body.find("http://"), std::string::npos);
  EXPECT_EQ(answer.body.find("https://"), std::string::npos);
  EXPECT_NE(answer.body.find("id=\"problem-invalid-field\""), std::string::npos);
}

}  // namespace
}  // namespace flowstone::tests
