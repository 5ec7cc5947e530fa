// Every kind of bad input over HTTP gets a problem that names what is wrong, and writes nothing.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/integration/running_server.hpp"

namespace flowstone::tests {
namespace {

class BadInput : public testing::Test {
 protected:
  static void SetUpTestSuite() { server = new RunningServer; }
  static void TearDownTestSuite() {
    delete server;
    server = nullptr;
  }
  void SetUp() override {
    client = server->client();
    head_before = server->store().state().durable;
  }

  // The answer is this problem, and the log has not grown.
  void expect_problem(const Answer& answer, int status, std::string_view code) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(answer.header("content-type"), "application/problem+json");
    EXPECT_EQ(answer.member("code"), code) << answer.body;
    EXPECT_EQ(answer.number("status"), static_cast<std::uint64_t>(status));
    EXPECT_EQ(server->store().state().durable, head_before);
  }
  void expect_field(const Answer& answer, std::string_view field) {
    EXPECT_EQ(answer.member("field"), field) << answer.body;
  }
  Answer post(std::string_view target, std::string_view body, std::string_view headers = {}) {
    return client->request("POST", target, body, headers);
  }
  std::string create(std::string_view target, std::string_view body) {
    const auto answer = post(target, body);
    EXPECT_EQ(answer.status, 201) << answer.body;
    head_before = server->store().state().durable;
    return answer.member("id");
  }

  static RunningServer* server;
  std::unique_ptr<Client> client;
  Position head_before;
};
RunningServer* BadInput::server = nullptr;

TEST_F(BadInput, MalformedJsonIsRefused) { expect_problem(post("/v1/tasks", "{\"title\":"), 400, "malformed_json"); }

TEST_F(BadInput, TooDeepJsonIsRefused) {
  const std::string deep = "{\"title\":" + std::string(200, '[') + std::string(200, ']') + "}";
  const auto answer = post("/v1/tasks", deep);
  expect_problem(answer, 400, "malformed_json");
  EXPECT_EQ(answer.member("detail"), "is nested more than 16 deep");
}

TEST_F(BadInput, BodyAnnouncedTooLargeIsRefused) {
  client->send("POST /v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Length: 8388609\r\n\r\n");
  expect_problem(client->read(), 413, "content_too_large");
}

TEST_F(BadInput, BodySentTooLargeIsRefused) {
  const std::string body = "{\"title\":\"" + std::string(9 << 20, 'x') + "\"}";
  client->send(fmt::format("POST /v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", body.size()));
  client->send(body);
  expect_problem(client->read(), 413, "content_too_large");
}

TEST_F(BadInput, WrongTypeIsRefusedByName) {
  const auto answer = post("/v1/tasks", R"({"title":5})");
  expect_problem(answer, 422, "invalid_field");
  expect_field(answer, "title");
}

TEST_F(BadInput, InvalidUtf8IsRefused) {
  expect_problem(post("/v1/tasks", "{\"title\":\"\xff\xfe\"}"), 400, "malformed_json");
}

TEST_F(BadInput, NulIsRefused) {
  const auto answer = post("/v1/tasks", R"({"title":"a\u0000b"})");
  expect_problem(answer, 422, "invalid_field");
  expect_field(answer, "title");
}

TEST_F(BadInput, NumberOutOfRangeIsRefusedByName) {
  const auto answer = post("/v1/tasks", R"({"title":"a","priority":6})");
  expect_problem(answer, 422, "invalid_field");
  expect_field(answer, "priority");
}

TEST_F(BadInput, UnknownFieldIsRefusedByName) {
  const auto answer = post("/v1/tasks", R"({"title":"a","tittle":"b"})");
  expect_problem(answer, 422, "invalid_field");
  expect_field(answer, "tittle");
}

TEST_F(BadInput, MissingFieldIsRefusedByName) {
  const auto answer = post("/v1/tasks", R"({"priority":1})");
  expect_problem(answer, 422, "invalid_field");
  expect_field(answer, "title");
}

TEST_F(BadInput, EveryBadFieldIsNamedAtOnce) {
  const auto answer = post("/v1/tasks", R"({"title":"","priority":9,"effort_minutes":0})");
  expect_problem(answer, 422, "invalid_field");
  for (const char* field : {"title", "priority", "effort_minutes"}) {
    EXPECT_NE(answer.body.find(fmt::format("\"field\":\"{}\"", field)), std::string::npos) << field;
  }
}

TEST_F(BadInput, HiddenFieldCannotBeSent) {
  const auto answer = post("/v1/api-keys", R"({"name":"k","roles":["viewer"],"secret_digest":"00"})");
  expect_problem(answer, 422, "invalid_field");
  expect_field(answer, "secret_digest");
}

TEST_F(BadInput, UnknownIdIsNotFound) {
  expect_problem(client->request("GET", "/v1/tasks/01920000-0000-7000-8000-00000000ffff"), 404, "not_found");
}

TEST_F(BadInput, CommandOnUnknownIdIsNotFound) {
  EXPECT_EQ(post("/v1/tasks/01920000-0000-7000-8000-00000000ffff/complete", "{}").status, 404);
}

TEST_F(BadInput, TextThatIsNoIdIsNotFound) { expect_problem(post("/v1/tasks/one/complete", "{}"), 404, "not_found"); }

TEST_F(BadInput, UnknownPathIsNotFound) { expect_problem(client->request("GET", "/v1/nothing"), 404, "not_found"); }

TEST_F(BadInput, WrongContentTypeIsRefused) {
  const auto answer = post("/v1/tasks", "title=a", "Content-Type: application/x-www-form-urlencoded\r\n");
  expect_problem(answer, 415, "unsupported_media_type");
  EXPECT_EQ(answer.header("accept-post"), "application/json");
}

TEST_F(BadInput, MissingContentTypeIsRefused) {
  expect_problem(post("/v1/tasks", "{}", "Content-Type:\r\n"), 415, "unsupported_media_type");
}

TEST_F(BadInput, MergePatchIsTakenForPatchAlone) {
  const std::string type = "Content-Type: application/merge-patch+json\r\n";
  const auto id = create("/v1/tasks", R"({"title":"a"})");
  EXPECT_EQ(client->request("PATCH", "/v1/tasks/" + id, R"({"title":"b"})", type).status, 200);
  EXPECT_EQ(post("/v1/tasks", R"({"title":"a"})", type).status, 415);
}

TEST_F(BadInput, UnacceptableAnswerTypeIsRefused) {
  expect_problem(client->request("GET", "/v1/tasks", {}, "Accept: text/html\r\n"), 406, "not_acceptable");
}

TEST_F(BadInput, DeletingAnIntentIsNotAllowed) {
  const auto answer = client->request("DELETE", "/v1/intents/01920000-0000-7000-8000-000000000001");
  expect_problem(answer, 405, "method_not_allowed");
  EXPECT_NE(answer.header("allow").find("PATCH"), std::string::npos);
}

TEST_F(BadInput, UnknownParameterIsRefusedByName) {
  const auto answer = client->request("GET", "/v1/tasks?stauts=todo");
  expect_problem(answer, 400, "unknown_parameter");
  expect_field(answer, "stauts");
}

TEST_F(BadInput, ParameterOutOfRangeIsRefusedByName) {
  for (const char* target :
       {"/v1/tasks?limit=0", "/v1/tasks?limit=201", "/v1/events?limit=1001", "/v1/tasks?limit=x"}) {
    const auto answer = client->request("GET", target);
    expect_problem(answer, 400, "invalid_parameter");
    expect_field(answer, "limit");
  }
}

TEST_F(BadInput, FilterValueThatIsNoneIsRefusedByName) {
  const auto answer = client->request("GET", "/v1/tasks?status=finished");
  expect_problem(answer, 400, "invalid_parameter");
  expect_field(answer, "status");
}

TEST_F(BadInput, SortByAnotherFieldIsRefused) {
  expect_problem(client->request("GET", "/v1/tasks?sort=description"), 400, "invalid_parameter");
}

TEST_F(BadInput, SortByAListIsRefused) {
  const auto answer = client->request("GET", "/v1/tasks?sort=labels");
  expect_problem(answer, 400, "invalid_parameter");
  expect_field(answer, "sort");
}

TEST_F(BadInput, UnknownFieldOfAnOperatorsCallIsRefusedByName) {
  for (const char* action : {"cancel", "switch", "rollback", "rebuild"}) {
    const auto answer = post(fmt::format("/v1/projections/tasks/{}", action), R"({"now":true})");
    expect_problem(answer, 422, "invalid_field");
    expect_field(answer, "now");
  }
}

TEST_F(BadInput, DuplicateCodeIsAConflictWhateverItsCase) {
  create("/v1/intents", R"({"code":"DEEP_WORK","name":"Deep work"})");
  const auto answer = post("/v1/intents", R"({"code":"deep_work","name":"Other"})");
  expect_problem(answer, 409, "duplicate_value");
  expect_field(answer, "code");
}

TEST_F(BadInput, StaleRevisionTellsThePresentOne) {
  const auto id = create("/v1/tasks", R"({"title":"a"})");
  EXPECT_EQ(client->request("PATCH", "/v1/tasks/" + id, R"({"title":"b"})", "If-Match: \"1\"\r\n").status, 200);
  head_before = server->store().state().durable;
  const auto answer = client->request("PATCH", "/v1/tasks/" + id, R"({"title":"c"})", "If-Match: \"1\"\r\n");
  expect_problem(answer, 412, "revision_mismatch");
  EXPECT_EQ(answer.number("current_revision"), 2U);
}

TEST_F(BadInput, BrokenIfMatchIsRefused) {
  const auto answer = post("/v1/tasks", R"({"title":"a"})", "If-Match: 1\r\n");
  expect_problem(answer, 400, "invalid_header");
  expect_field(answer, "If-Match");
}

TEST_F(BadInput, BrokenIdempotencyKeyIsRefused) {
  expect_problem(post("/v1/tasks", R"({"title":"a"})", "Idempotency-Key: \"a\r\n"), 400, "invalid_header");
}

TEST_F(BadInput, KeyWithAnotherRequestIsRefused) {
  const std::string key = "Idempotency-Key: \"reused-1\"\r\n";
  EXPECT_EQ(post("/v1/tasks", R"({"title":"a"})", key).status, 201);
  head_before = server->store().state().durable;
  expect_problem(post("/v1/tasks", R"({"title":"b"})", key), 422, "idempotency_key_reused");
}

TEST_F(BadInput, CursorOfAnotherQueryIsRefused) {
  create("/v1/tasks", R"({"title":"first"})");
  create("/v1/tasks", R"({"title":"second"})");
  const auto first = client->request("GET", fmt::format("/v1/tasks?limit=1&min_position={}", head_before.value));
  const auto cursor = first.member("next_cursor");
  ASSERT_NE(cursor, "null");
  expect_problem(client->request("GET", "/v1/tasks?limit=1&sort=-title&cursor=" + cursor), 400, "foreign_cursor");
  expect_problem(client->request("GET", "/v1/tasks?cursor=nonsense"), 400, "foreign_cursor");
}

TEST_F(BadInput, MinPositionBeyondTheHeadSaysTheHead) {
  const auto answer = client->request("GET", "/v1/tasks?min_position=999999999");
  expect_problem(answer, 400, "position_beyond_head");
  EXPECT_NE(answer.member("detail").find(std::to_string(head_before.value)), std::string::npos);
}

TEST_F(BadInput, EventsBeyondTheHeadAreAnEmptyPageWithTheHead) {
  const auto answer = client->request("GET", "/v1/events?from=999999999");
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find("\"items\":[]"), std::string::npos);
  EXPECT_EQ(answer.number("head"), head_before.value);
}

TEST_F(BadInput, StateBeyondTheHeadIsRefusedWithTheHead) {
  for (const char* target : {"/v1/tasks?as_of=", "/v1/tasks/01920000-0000-7000-8000-000000000011?as_of="}) {
    const auto answer = client->request("GET", fmt::format("{}{}", target, head_before.value + 1));
    expect_problem(answer, 400, "position_beyond_head");
    expect_field(answer, "as_of");
    EXPECT_EQ(answer.member("detail"), fmt::format("The log's head is {}.", head_before.value));
  }
}

TEST_F(BadInput, RootBeyondTheHeadIsRefusedWithTheHead) {
  const auto answer = client->request("GET", fmt::format("/v1/audit/root?size={}", head_before.value + 1));
  expect_problem(answer, 400, "position_beyond_head");
  expect_field(answer, "size");
}

TEST_F(BadInput, PositionThatIsNoneIsRefused) {
  for (const char* target : {"/v1/events?from=-1", "/v1/events?from=x", "/v1/events?until=x", "/v1/events?direction=up",
                             "/v1/tasks?as_of=x"}) {
    expect_problem(client->request("GET", target), 400, "invalid_parameter");
  }
}

TEST_F(BadInput, NameThatNoEventCanHaveIsRefused) {
  constexpr std::pair<const char*, const char*> kTargets[] = {
      {"/v1/events?stream=task-1", "stream"},
      {"/v1/events?stream=", "stream"},
      {"/v1/events?stream=task", "stream"},
      {"/v1/events?type=TaskCreated", "type"},
      {"/v1/events?type=task.created,completed", "type"},
      {"/v1/events?category=task-1", "category"},
      {"/v1/events?actor=two%20words", "actor"},
      {"/v1/events?correlation=", "correlation"},
      {"/v1/audit?entity=01920000-0000-7000-8000-000000000011", "entity"},
      {"/v1/audit?actor=%C3%A4", "actor"},
      {"/v1/audit?correlation=", "correlation"},
  };
  for (const auto& [target, parameter] : kTargets) {
    const auto answer = client->request("GET", target);
    expect_problem(answer, 400, "invalid_parameter");
    expect_field(answer, parameter);
    EXPECT_NE(answer.body.find("\"detail\":\"must be "), std::string::npos) << answer.body;
  }
}

TEST_F(BadInput, PathThatNamesNoStreamIsNotFound) {
  expect_problem(client->request("GET", "/v1/streams/task-1/events"), 404, "not_found");
}

TEST_F(BadInput, ParameterGivenTwiceIsRefusedAsThat) {
  const auto answer = client->request("GET", "/v1/tasks?status=todo&status=completed");
  expect_problem(answer, 400, "repeated_parameter");
  expect_field(answer, "status");
  EXPECT_EQ(answer.member("title"), "A query parameter is given more than once");
}

TEST_F(BadInput, BrokenEscapeInTheQueryIsRefusedByName) {
  const auto answer = client->request("GET", "/v1/tasks?status=%zz");
  expect_problem(answer, 400, "invalid_parameter");
  expect_field(answer, "status");
}

TEST_F(BadInput, MissingReferenceIsRefusedByName) {
  const auto answer = post("/v1/tasks", R"({"title":"a","intent_id":"01920000-0000-7000-8000-00000000ffff"})");
  expect_problem(answer, 422, "missing_reference");
  expect_field(answer, "intent_id");
}

TEST_F(BadInput, EventsOfAnUnknownRunAreNotFound) {
  expect_problem(client->request("GET", "/v1/runs/01920000-0000-7000-8000-00000000ffff/events"), 404, "not_found");
}

TEST_F(BadInput, BrokenRequestLineIsRefusedAndTheConnectionEnds) {
  client->send("nonsense\r\n\r\n");
  expect_problem(client->read(), 400, "malformed_request");
  EXPECT_TRUE(client->is_closed_by_peer());
}

TEST_F(BadInput, HeadersTooLargeAreRefused) {
  client->send("GET /livez HTTP/1.1\r\nHost: a\r\nX-Filler: " + std::string(20'000, 'x') + "\r\n\r\n");
  expect_problem(client->read(), 431, "head_too_large");
}

}  // namespace
}  // namespace flowstone::tests
