// Connections on good days and bad ones: keep-alive, pipelines, deadlines, limits, and the end.
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/integration/running_server.hpp"

namespace flowstone::tests {
namespace {

TEST(Connections, ServeManyRequestsOneAfterTheOther) {
  RunningServer server;
  auto client = server.client();
  for (int at = 0; at < 100; ++at) ASSERT_EQ(client->request("GET", "/livez").status, 200);
}

TEST(Connections, AnswerPipelinedRequestsInOrder) {
  RunningServer server;
  auto client = server.client();
  std::string requests;
  for (int at = 0; at < 50; ++at)
    requests += fmt::format("GET /livez HTTP/1.1\r\nHost: a\r\nX-Request-ID: r{}\r\n\r\n", at);
  client->send(requests);
  for (int at = 0; at < 50; ++at) ASSERT_EQ(client->read().header("x-request-id"), fmt::format("r{}", at));
}

TEST(Connections, AnswerHeadWithoutBody) {
  RunningServer server;
  auto client = server.client();
  const auto head = client->request("HEAD", "/livez");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-length"), "18");
  EXPECT_EQ(client->request("GET", "/livez").body, R"({"status":"alive"})");
}

TEST(Connections, MakeAndEchoRequestIds) {
  RunningServer server;
  auto client = server.client();
  EXPECT_EQ(client->request("GET", "/livez", {}, "X-Request-ID: mine-7\r\n").header("x-request-id"), "mine-7");
  EXPECT_EQ(client->request("GET", "/livez").header("x-request-id").size(), 36U);
  EXPECT_EQ(client->request("GET", "/livez", {}, "X-Request-ID: not \"good\"\r\n").header("x-request-id").size(), 36U);
}

TEST(Connections, AreLoggedARequestALineWithoutWhatIsSecretInIt) {
  auto options = quick_options();
  options.access_log = true;
  const std::string token(64, 'A');
  testing::internal::CaptureStderr();
  {
    RunningServer server(options);
    auto client = server.client();
    client->request("GET", "/v1/tasks?limit=1", {}, "X-Request-ID: first\r\n");
    EXPECT_EQ(client->request("POST", "/v1/webhooks/" + token, "{}").status, 404);
  }
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find(R"("status":200)"), std::string::npos) << log;
  EXPECT_NE(log.find(R"("method":"GET","path":"/v1/tasks","request_id":"first","actor":"key:)"), std::string::npos)
      << log;
  EXPECT_NE(log.find(R"("method":"POST","path":"/v1/webhooks/{token}")"), std::string::npos) << log;
  EXPECT_EQ(log.find(token), std::string::npos) << log;
  EXPECT_EQ(log.find("fsk_"), std::string::npos) << log;
}

TEST(Connections, GiveAChildSpanOfTheClientsTrace) {
  RunningServer server;
  auto client = server.client();
  const auto trace =
      client->request("GET", "/livez", {}, "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n")
          .header("traceparent");
  EXPECT_TRUE(trace.starts_with("00-0af7651916cd43dd8448eb211c80319c-")) << trace;
  EXPECT_EQ(trace.find("b7ad6b7169203331"), std::string::npos);
}

TEST(Connections, AnswerPreflightOfAllowedOriginsAlone) {
  auto options = quick_options();
  options.allowed_origins = {"https://app.example"};
  RunningServer server(options);
  auto client = server.client();
  const auto allowed = client->request("OPTIONS", "/v1/tasks", {},
                                       "Origin: https://app.example\r\nAccess-Control-Request-Method: POST\r\n");
  EXPECT_EQ(allowed.status, 204);
  EXPECT_EQ(allowed.header("access-control-allow-origin"), "https://app.example");
  EXPECT_NE(allowed.header("access-control-allow-methods").find("POST"), std::string::npos);
  const auto foreign = client->request("OPTIONS", "/v1/tasks", {},
                                       "Origin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n");
  EXPECT_EQ(foreign.header("access-control-allow-origin"), "");
}

TEST(Connections, LetPagesOfAllowedOriginsReadWhatClientsNeed) {
  auto options = quick_options();
  options.allowed_origins = {"https://app.example"};
  RunningServer server(options);
  auto client = server.client();
  const std::string exposed = client->request("GET", "/v1/tasks", {}, "Origin: https://app.example\r\n")
                                  .header("access-control-expose-headers");
  for (const char* name : {"ETag", "Location", "Flowstone-Position", "Idempotent-Replayed", "Retry-After"})
    EXPECT_NE(exposed.find(name), std::string::npos) << name << " in " << exposed;
}

TEST(Connections, TellAPatientClientToContinue) {
  RunningServer server;
  auto client = server.client();
  client->send(
      fmt::format("POST /v1/tasks HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\nContent-Type: "
                  "application/json\r\nExpect: 100-continue\r\n"
                  "Content-Length: 13\r\n\r\n",
                  client->key));
  EXPECT_EQ(client->read(false).status, 100);
  client->send(R"({"title":"a"})");
  EXPECT_EQ(client->read().status, 201);
}

TEST(Connections, SlowLorisIsAnsweredAndClosed) {
  RunningServer server;
  auto client = server.client();
  for (const char c : std::string_view("GET /livez HT")) {
    client->send(std::string(1, c));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(client->read().status, 408);
  EXPECT_TRUE(client->is_closed_by_peer());
}

TEST(Connections, SlowBodyIsAnsweredAndClosed) {
  RunningServer server;
  auto client = server.client();
  client->send("POST /v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{");
  EXPECT_EQ(client->read().status, 408);
  EXPECT_TRUE(client->is_closed_by_peer());
}

TEST(Connections, IdleOneIsClosedWithoutAWord) {
  auto options = quick_options();
  options.deadlines.idle = std::chrono::milliseconds(100);
  RunningServer server(options);
  auto client = server.client();
  EXPECT_EQ(client->request("GET", "/livez").status, 200);
  EXPECT_EQ(client->read().status, 0);
}

TEST(Connections, BeyondTheLimitAreToldSo) {
  auto options = quick_options();
  options.connections = 2;
  RunningServer server(options);
  auto first = server.client();
  auto second = server.client();
  EXPECT_EQ(first->request("GET", "/livez").status, 200);
  EXPECT_EQ(second->request("GET", "/livez").status, 200);
  auto third = server.client();
  const auto answer = third->read();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.member("code"), "too_many_connections");
}

// The clients are another process: each side needs a descriptor a connection.
TEST(Connections, TenThousandIdleOnesAreHeldWhileOthersAreServed) {
  constexpr int kIdle = 10'000;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  ASSERT_GT(limit.rlim_cur, static_cast<rlim_t>(kIdle + 200)) << "raise `ulimit -n`";
  int to_child[2];
  int from_child[2];
  ASSERT_EQ(pipe(to_child), 0);
  ASSERT_EQ(pipe(from_child), 0);
  const pid_t child = fork();
  if (child == 0) {
    std::uint16_t port = 0;
    if (read(to_child[0], &port, sizeof port) != sizeof port) _exit(1);
    std::vector<std::unique_ptr<Client>> clients;
    int held = 0;
    for (int at = 0; at < kIdle; ++at) {
      clients.push_back(std::make_unique<Client>(port));
      held += clients.back()->request("GET", "/livez").status == 200 ? 1 : 0;
    }
    if (write(from_child[1], &held, sizeof held) != sizeof held) _exit(1);
    char wait = 0;
    if (read(to_child[0], &wait, 1) < 0) _exit(1);
    _exit(0);
  }
  {
    auto options = quick_options();
    options.deadlines.idle = std::chrono::minutes(5);
    RunningServer server(options);
    const std::uint16_t port = server.port();
    ASSERT_EQ(write(to_child[1], &port, sizeof port), static_cast<ssize_t>(sizeof port));
    int held = 0;
    ASSERT_EQ(read(from_child[0], &held, sizeof held), static_cast<ssize_t>(sizeof held));
    EXPECT_EQ(held, kIdle);
    auto client = server.client();
    const auto metrics = client->request("GET", "/metrics");
    EXPECT_NE(metrics.body.find(fmt::format("flowstone_http_connections {}\n", kIdle + 1)), std::string::npos);
    EXPECT_EQ(client->request("POST", "/v1/tasks", R"({"title":"still here"})").status, 201);
    ASSERT_EQ(write(to_child[1], "x", 1), 1);
    waitpid(child, nullptr, 0);
  }
}

TEST(Connections, StopFinishesRequestsAndRefusesNewOnes) {
  RunningServer server;
  auto idle = server.client();
  EXPECT_EQ(idle->request("GET", "/livez").status, 200);
  auto busy = server.client();
  busy->send(
      fmt::format("POST /v1/tasks HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n"
                  "Expect: 100-continue\r\nContent-Length: 13\r\n\r\n",
                  busy->key));
  EXPECT_EQ(busy->read(false).status, 100);  // now the server has begun with it
  std::thread stopping([&server] { server.stop_server(); });
  EXPECT_TRUE(idle->is_closed_by_peer());
  busy->send(R"({"title":"a"})");
  const auto answer = busy->read();
  EXPECT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(answer.header("connection"), "close");
  stopping.join();
  EXPECT_EQ(Client(server.port()).request("GET", "/livez").status, 0);
}

}  // namespace
}  // namespace flowstone::tests
