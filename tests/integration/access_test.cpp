// Who may do what: keys, roles, scopes, workspaces, tickets.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/integration/running_server.hpp"

namespace flowstone::tests {
namespace {

class AccessControl : public testing::Test {
 protected:
  static void SetUpTestSuite() { server = new RunningServer; }
  static void TearDownTestSuite() {
    delete server;
    server = nullptr;
  }
  static std::unique_ptr<Client> client_with(std::string key) {
    auto client = std::make_unique<Client>(server->port());
    client->key = std::move(key);
    return client;
  }
  // Keys made behind the server's back are noticed by its next sweep.
  static std::unique_ptr<Client> client_for(std::string_view roles, std::string_view workspace = kWorkspace,
                                            std::string_view more = {}) {
    auto client = client_with(server->make_key(roles, workspace, more));
    for (int tries = 0; tries < 500 && client->request("GET", "/v1/events?limit=1").status == 401; ++tries)
      usleep(10'000);
    return client;
  }

  static RunningServer* server;
};
RunningServer* AccessControl::server = nullptr;

TEST_F(AccessControl, WithoutAKeyNothingIsShown) {
  Client client(server->port());
  const auto answer = client.request("GET", "/v1/tasks");
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.member("code"), "unauthenticated");
  EXPECT_EQ(answer.header("www-authenticate"), "Bearer realm=\"flowstone\"");
}

TEST_F(AccessControl, WrongSecretIsRefused) {
  std::string key = server->admin_key();
  key.back() = key.back() == 'A' ? 'E' : 'A';
  EXPECT_EQ(client_with(key)->request("GET", "/v1/tasks").status, 401);
}

TEST_F(AccessControl, PublicPagesNeedNoKey) {
  Client client(server->port());
  for (const char* path : {"/livez", "/readyz", "/healthz", "/metrics", "/openapi.json", "/docs"}) {
    EXPECT_EQ(client.request("GET", path).status, 200) << path;
  }
}

TEST_F(AccessControl, ViewerReadsAndDoesNotWrite) {
  auto viewer = client_for(R"(["viewer"])");
  EXPECT_EQ(viewer->request("GET", "/v1/tasks").status, 200);
  const auto answer = viewer->request("POST", "/v1/tasks", R"({"title":"a"})");
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.member("code"), "forbidden");
}

TEST_F(AccessControl, EachRoleHasItsOwnCalls) {
  auto member = client_for(R"(["member"])");
  EXPECT_EQ(member->request("POST", "/v1/tasks", R"({"title":"a"})").status, 201);
  EXPECT_EQ(member->request("GET", "/v1/api-keys").status, 403);
  EXPECT_EQ(member->request("GET", "/v1/audit").status, 403);
  EXPECT_EQ(member->request("GET", "/v1/projections").status, 403);
  auto auditor = client_for(R"(["auditor"])");
  EXPECT_EQ(auditor->request("GET", "/v1/audit/root").status, 200);
  EXPECT_EQ(auditor->request("GET", "/v1/tasks").status, 200);
  EXPECT_EQ(auditor->request("POST", "/v1/tasks", R"({"title":"a"})").status, 403);
}

TEST_F(AccessControl, OtherWorkspacesSeeNothing) {
  auto mine = server->client();
  const auto created = mine->request("POST", "/v1/tasks", R"({"title":"mine"})");
  ASSERT_EQ(created.status, 201);
  auto other = client_for(R"(["admin","auditor"])", kOtherWorkspace);
  EXPECT_EQ(other->request("GET", "/v1/tasks/" + created.member("id")).status, 404);
  EXPECT_EQ(other->request("POST", "/v1/tasks/" + created.member("id") + "/complete", "{}").status, 404);
  EXPECT_NE(
      other->request("GET", "/v1/tasks?min_position=" + created.header("flowstone-position")).body.find("\"items\":[]"),
      std::string::npos);
  const auto events = other->request("GET", "/v1/events?type=task.created");
  EXPECT_NE(events.body.find("\"items\":[]"), std::string::npos) << events.body;
}

TEST_F(AccessControl, ScopedKeyReachesItsAggregateAlone) {
  auto recorder = client_for(R"(["member"])", kWorkspace, R"(,"scopes":["run:write"])");
  EXPECT_EQ(recorder->request("POST", "/v1/runs", R"({"name":"make"})").status, 201);
  EXPECT_EQ(recorder->request("POST", "/v1/tasks", R"({"title":"a"})").status, 403);
  EXPECT_EQ(recorder->request("GET", "/v1/tasks").status, 403);
  EXPECT_EQ(recorder->request("GET", "/v1/events").status, 403);
  EXPECT_EQ(recorder->request("GET", "/v1/events?category=run").status, 200);
}

TEST_F(AccessControl, RevokedKeyEndsAtOnce) {
  auto admin = server->client();
  const auto created = admin->request("POST", "/v1/api-keys", R"({"name":"short","roles":["viewer"]})");
  ASSERT_EQ(created.status, 201) << created.body;
  auto viewer = client_with(created.member("key"));
  EXPECT_EQ(viewer->request("GET", "/v1/tasks").status, 200);
  EXPECT_EQ(admin->request("POST", "/v1/api-keys/" + created.member("id") + "/revoke", "{}").status, 200);
  const auto answer = viewer->request("GET", "/v1/tasks");
  EXPECT_EQ(answer.status, 401);
  EXPECT_NE(answer.body.find("revoked"), std::string::npos);
}

TEST_F(AccessControl, KeyIsShownOnceAndItsDigestNever) {
  auto admin = server->client();
  const std::string header = "Idempotency-Key: \"key-once\"\r\n";
  const auto first = admin->request("POST", "/v1/api-keys", R"({"name":"once","roles":["viewer"]})", header);
  EXPECT_TRUE(first.member("key").starts_with("fsk_")) << first.body;
  EXPECT_EQ(first.body.find("secret_digest"), std::string::npos);
  const auto again = admin->request("POST", "/v1/api-keys", R"({"name":"once","roles":["viewer"]})", header);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.member("id"), first.member("id"));
  EXPECT_EQ(again.member("key"), "");
  const auto events = admin->request("GET", "/v1/events?type=api_key.created");
  EXPECT_EQ(events.body.find("secret_digest"), std::string::npos);
}

TEST_F(AccessControl, NobodyGivesMoreThanTheyHave) {
  auto admin = client_for(R"(["admin"])");
  const auto answer = admin->request("POST", "/v1/api-keys", R"({"name":"more","roles":["admin","operator"]})");
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.member("field"), "roles");
}

TEST_F(AccessControl, ExpiredKeyIsRefused) {
  const auto soon = to_rfc3339(SystemClock().now() + std::chrono::milliseconds(300));
  auto expired = client_with(server->make_key(R"(["viewer"])", kWorkspace, fmt::format(R"(,"expires_at":"{}")", soon)));
  std::string body;
  for (int tries = 0; tries < 500 && body.find("expired") == std::string::npos; ++tries) {
    body = expired->request("GET", "/v1/tasks").body;
    usleep(10'000);
  }
  EXPECT_NE(body.find("has expired"), std::string::npos);
}

TEST_F(AccessControl, TicketOpensOneWebSocket) {
  auto admin = server->client();
  const auto issued = admin->request("POST", "/v1/tickets");
  ASSERT_EQ(issued.status, 201);
  const std::string target = "/v1/events?ticket=" + issued.member("ticket");
  EXPECT_EQ(Socket(server->port(), "", target).handshake.status, 101);
  EXPECT_EQ(Socket(server->port(), "", target).handshake.status, 401);
}

}  // namespace
}  // namespace flowstone::tests
