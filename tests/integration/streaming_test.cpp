// Following the log on all transports: history, then live, with no gap and no double whatever is cut.
#include <algorithm>
#include <random>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/integration/running_server.hpp"

namespace flowstone::tests {
namespace {

class Streaming : public testing::Test {
 protected:
  static void SetUpTestSuite() { server = new RunningServer; }
  static void TearDownTestSuite() {
    delete server;
    server = nullptr;
  }
  static std::string events_of(std::string_view run, std::string_view query = {}) {
    return fmt::format("/v1/runs/{}/events{}", run, query);
  }
  static std::unique_ptr<Client> stream(std::string_view target, std::string_view accept,
                                        std::string_view headers = {}) {
    auto client = server->client();
    client->send(fmt::format("GET {} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\nAccept: {}\r\n{}\r\n", target,
                             client->key, accept, headers));
    return client;
  }
  // Revisions of the events in a stream's text.
  static void collect(std::string_view text, std::vector<std::uint64_t>& revisions) {
    for (std::size_t at = text.find("\"revision\":"); at != std::string_view::npos;
         at = text.find("\"revision\":", at + 1)) {
      revisions.push_back(std::strtoull(text.data() + at + 11, nullptr, 10));
    }
  }
  static std::vector<std::uint64_t> up_to(std::uint64_t count) {
    std::vector<std::uint64_t> all(count);
    for (std::uint64_t at = 0; at < count; ++at) all[at] = at + 1;
    return all;
  }

  static RunningServer* server;
};
RunningServer* Streaming::server = nullptr;

TEST_F(Streaming, PagesHaveEveryEventOnce) {
  const auto run = server->make_run(250);
  auto client = server->client();
  std::vector<std::uint64_t> revisions;
  std::string from = "1";
  while (from != "null") {
    const auto page = client->request("GET", events_of(run, "?limit=60&from=" + from));
    ASSERT_EQ(page.status, 200) << page.body;
    collect(page.body, revisions);
    from = page.member("next_cursor");
  }
  EXPECT_EQ(revisions, up_to(250));
}

TEST_F(Streaming, PagesGoBackwardToo) {
  const auto run = server->make_run(30);
  auto client = server->client();
  std::vector<std::uint64_t> revisions;
  std::string query = "?direction=backward&limit=7";
  for (std::string cursor; cursor != "null"; query = "?direction=backward&limit=7&from=" + cursor) {
    const auto page = client->request("GET", events_of(run, query));
    ASSERT_EQ(page.status, 200) << page.body;
    collect(page.body, revisions);
    cursor = page.member("next_cursor");
  }
  std::ranges::reverse(revisions);
  EXPECT_EQ(revisions, up_to(30));
}

TEST_F(Streaming, EventIsACloudEvent) {
  const auto run = server->make_run(1);
  const auto page = server->client()->request("GET", events_of(run));
  EXPECT_EQ(page.member("specversion"), "1.0");
  EXPECT_EQ(page.member("type"), "run.requested");
  EXPECT_EQ(page.member("subject"), "run-" + run);
  EXPECT_EQ(page.member("source"), fmt::format("/workspaces/{}", kWorkspace));
  EXPECT_EQ(page.member("id"), page.member("position"));
  EXPECT_EQ(page.member("dataschema"), "/openapi.json#/components/schemas/RunRequested");
  EXPECT_NE(page.body.find("\"data\":{"), std::string::npos);
}

TEST_F(Streaming, NdjsonEndsAtTheHeadWhenItDoesNotFollow) {
  const auto run = server->make_run(300);
  auto client = stream(events_of(run, "?follow=false"), "application/x-ndjson");
  const auto answer = client->read();
  EXPECT_EQ(answer.header("content-type"), "application/x-ndjson");
  std::vector<std::uint64_t> revisions;
  collect(answer.body, revisions);
  EXPECT_EQ(revisions, up_to(300));
}

TEST_F(Streaming, LimitEndsAStream) {
  const auto run = server->make_run(300);
  auto client = stream(events_of(run, "?limit=130"), "application/x-ndjson");
  std::vector<std::uint64_t> revisions;
  collect(client->read().body, revisions);
  EXPECT_EQ(revisions, up_to(130));
}

TEST_F(Streaming, SseGoesOnLiveAfterHistory) {
  const auto run = server->make_run(10);
  auto client = stream(events_of(run), "text/event-stream");
  EXPECT_EQ(client->read(false).header("content-type"), "text/event-stream");
  std::vector<std::uint64_t> revisions;
  while (revisions.size() < 10) collect(client->take_chunk().value_or("\"revision\":0"), revisions);
  server->record(run, 10, 5);
  while (revisions.size() < 15) collect(client->take_chunk().value_or("\"revision\":0"), revisions);
  EXPECT_EQ(revisions, up_to(15));
}

TEST_F(Streaming, LastEventIdResumesAfterIt) {
  const auto run = server->make_run(20);
  const auto page = server->client()->request("GET", events_of(run, "?limit=8"));
  const auto last = page.member("position");
  ASSERT_FALSE(last.empty());
  const std::uint64_t eighth = page.number("next_cursor") - 1;
  auto client =
      stream(events_of(run, "?follow=false&from=1"), "text/event-stream", fmt::format("Last-Event-ID: {}\r\n", eighth));
  std::vector<std::uint64_t> revisions;
  collect(client->read().body, revisions);
  ASSERT_FALSE(revisions.empty());
  EXPECT_EQ(revisions.front(), 9U);
  EXPECT_EQ(revisions.size(), 12U);
}

TEST_F(Streaming, QuietStreamsTellPositionAndHead) {
  const auto run = server->make_run(2);
  auto client = stream(events_of(run), "text/event-stream");
  client->read(false);
  std::string text;
  // The opening names the head, and so does each heartbeat after it.
  for (int heads = 0; heads < 3;) {
    const auto chunk = client->take_chunk();
    ASSERT_TRUE(chunk);
    text += *chunk;
    heads += chunk->find(": head ") != std::string::npos ? 1 : 0;
  }
  EXPECT_NE(text.find("retry: "), std::string::npos);
}

TEST_F(Streaming, SparseFilterStillMovesOn) {
  const auto head = server->store().state().durable.value;
  server->make_run(400);
  Socket socket(server->port(), server->admin_key(), fmt::format("/v1/events?type=task.created&from={}", head + 1));
  ASSERT_EQ(socket.handshake.status, 101);
  std::uint64_t examined = 0;
  while (examined < head + 400) {
    const auto message = socket.next();
    ASSERT_NE(message.opcode, -1);
    if (message.opcode == 1) examined = std::strtoull(member_of(message.payload, "position").c_str(), nullptr, 10);
    if (message.opcode == 9) socket.send(0x8a, message.payload);
  }
  EXPECT_GE(examined, head + 400);
}

TEST_F(Streaming, WebSocketSendsHistoryThenLive) {
  const auto run = server->make_run(100);
  Socket socket(server->port(), server->admin_key(), events_of(run));
  ASSERT_EQ(socket.handshake.status, 101);
  std::vector<std::uint64_t> revisions;
  for (int at = 0; at < 100; ++at) collect(socket.next_event().payload, revisions);
  server->record(run, 100, 20);
  for (int at = 0; at < 20; ++at) collect(socket.next_event().payload, revisions);
  EXPECT_EQ(revisions, up_to(120));
}

TEST_F(Streaming, SubprotocolKeepsEveryMessageACloudEvent) {
  const auto run = server->make_run(1);
  Socket socket(server->port(), server->admin_key(), events_of(run),
                "Sec-WebSocket-Protocol: other, cloudevents.json\r\n");
  EXPECT_EQ(socket.handshake.header("sec-websocket-protocol"), "cloudevents.json");
  for (int pings = 0; pings < 2;) {
    const auto message = socket.next();
    ASSERT_NE(message.opcode, -1);
    if (message.opcode == 9) {
      ++pings;
      socket.send(0x8a, message.payload);
    }
    if (message.opcode == 1) EXPECT_NE(message.payload.find("specversion"), std::string::npos);
  }
}

TEST_F(Streaming, SnapshotStandsForTheEventsBeforeIt) {
  const auto run = server->make_run(40);
  auto client = stream(events_of(run, "?snapshot=true"), "application/x-ndjson");
  ASSERT_EQ(client->read(false).status, 200);
  const auto snapshot = client->take_chunk().value_or("");
  ASSERT_TRUE(snapshot.starts_with("{\"snapshot\":{\"position\":")) << snapshot;
  EXPECT_TRUE(snapshot.ends_with("}}\n"));
  EXPECT_EQ(member_of(snapshot, "id"), run);
  EXPECT_EQ(member_of(snapshot, "revision"), "40");
  server->record(run, 40, 1);
  const auto event = client->take_chunk().value_or("");
  EXPECT_EQ(member_of(event, "revision"), "41") << event;
  EXPECT_GT(std::stoull(member_of(event, "position")), std::stoull(member_of(snapshot, "position")));
}

TEST_F(Streaming, SnapshotIsTheFirstMessageOfAWebSocket) {
  const auto run = server->make_run(5);
  Socket socket(server->port(), server->admin_key(), events_of(run, "?snapshot=true"));
  ASSERT_EQ(socket.handshake.status, 101);
  const auto snapshot = socket.next().payload;
  EXPECT_TRUE(snapshot.starts_with("{\"snapshot\":")) << snapshot;
  EXPECT_EQ(member_of(snapshot, "revision"), "5");
  server->record(run, 5, 1);
  EXPECT_EQ(member_of(socket.next_event().payload, "revision"), "6");
}

TEST_F(Streaming, SnapshotHasAnIdToResumeFrom) {
  const auto run = server->make_run(5);
  auto client = stream(events_of(run, "?snapshot=true"), "text/event-stream");
  ASSERT_EQ(client->read(false).status, 200);
  client->take_chunk();  // the opening
  const auto snapshot = client->take_chunk().value_or("");
  ASSERT_TRUE(snapshot.starts_with("event: snapshot\nid: ")) << snapshot;
  const auto id = snapshot.substr(20, snapshot.find('\n', 20) - 20);
  EXPECT_EQ(id, member_of(snapshot, "position"));
  server->record(run, 5, 1);
  auto again =
      stream(events_of(run, "?snapshot=true&limit=1"), "text/event-stream", fmt::format("Last-Event-ID: {}\r\n", id));
  const auto rest = again->read().body;
  EXPECT_EQ(rest.find("snapshot"), std::string::npos) << rest;
  EXPECT_NE(rest.find("\"revision\":6,"), std::string::npos) << rest;
}

TEST_F(Streaming, SnapshotThatCannotBeIsRefused) {
  const auto run = server->make_run(1);
  for (const auto* query : {"?snapshot=true&from=1", "?snapshot=true&until=5", "?snapshot=perhaps"}) {
    auto client = stream(events_of(run, query), "application/x-ndjson");
    const auto refused = client->read();
    EXPECT_EQ(refused.status, 400) << query;
    EXPECT_NE(refused.body.find("snapshot"), std::string::npos) << refused.body;
  }
  auto client = server->client();
  EXPECT_EQ(client->request("GET", events_of(run, "?snapshot=true")).status, 400);
  EXPECT_EQ(client->request("GET", events_of(run, "?snapshot=false")).status, 200);
  EXPECT_EQ(client->request("GET", "/v1/events?snapshot=true").status, 400);
  Socket socket(server->port(), server->admin_key(), events_of(run, "?snapshot=true"),
                "Sec-WebSocket-Protocol: cloudevents.json\r\n");
  EXPECT_EQ(socket.handshake.status, 400);
}

TEST_F(Streaming, SnapshotAndTailAreTheWholeWhileEventsCome) {
  const auto run = server->make_run(1);
  std::jthread writer([&](const std::stop_token& stop) {
    for (std::uint64_t at = 1; !stop.stop_requested(); ++at) server->record(run, at, 1);
  });
  for (int round = 0; round < 50; ++round) {
    auto client = stream(events_of(run, "?snapshot=true&limit=1"), "application/x-ndjson");
    const auto body = client->read().body;
    const auto tail = body.find('\n');
    EXPECT_EQ(std::stoull(member_of(body.substr(tail), "revision")),
              std::stoull(member_of(body.substr(0, tail), "revision")) + 1);
  }
}

// Readers on every transport are cut at random moments while the log grows, and resume from what they have.
TEST_F(Streaming, RandomCutsLeaveNoGapAndNoDouble) {
  constexpr std::uint64_t kEvents = 3000;
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  const auto run = server->make_run(10);
  std::thread writer([&run] {
    for (std::uint64_t at = 10; at < kEvents; at += 23)
      server->record(run, at, std::min<std::uint64_t>(23, kEvents - at));
  });
  std::vector<std::thread> readers;
  std::vector<std::vector<std::uint64_t>> seen(3);
  for (unsigned transport = 0; transport < 3; ++transport) {
    readers.emplace_back([&, transport] {
      std::mt19937 random(seed + transport);
      std::vector<std::uint64_t>& revisions = seen[transport];
      std::uint64_t from = 1;
      while (revisions.size() < kEvents) {
        std::size_t patience = random() % 400 + 1;
        const auto take = [&](std::string_view text) {
          std::vector<std::uint64_t> some;
          collect(text, some);
          for (const auto revision : some) {
            if (patience == 0) return;
            revisions.push_back(revision);
            --patience;
          }
          for (std::size_t at = text.find("\"specversion\""); at != std::string_view::npos && !some.empty();
               at = text.find("\"specversion\"", at + 1)) {
            from = std::strtoull(member_of(text.substr(at), "position").c_str(), nullptr, 10) + 1;
          }
        };
        if (transport == 0) {
          Socket socket(server->port(), server->admin_key(), events_of(run, fmt::format("?from={}", from)));
          while (patience > 0 && revisions.size() < kEvents) take(socket.next_event().payload);
        } else {
          // A cut is between two records: a client drops the part of a record that it has.
          auto client = stream(events_of(run, fmt::format("?from={}&limit={}", from, patience)),
                               transport == 1 ? "application/x-ndjson" : "text/event-stream");
          client->read(false);
          for (auto chunk = client->take_chunk(); chunk && patience > 0; chunk = client->take_chunk()) {
            take(*chunk);
            if (revisions.size() >= kEvents) break;
          }
        }
      }
    });
  }
  writer.join();
  for (auto& reader : readers) reader.join();
  for (const auto& revisions : seen) EXPECT_EQ(revisions, up_to(kEvents));
}

TEST_F(Streaming, ManyReadersShareOneFeed) {
  const auto run = server->make_run(500);
  std::vector<std::thread> readers;
  std::atomic<int> right{0};
  for (int at = 0; at < 20; ++at) {
    readers.emplace_back([&] {
      Socket socket(server->port(), server->admin_key(), events_of(run));
      std::vector<std::uint64_t> revisions;
      for (int event = 0; event < 600; ++event) collect(socket.next_event().payload, revisions);
      right += revisions == up_to(600) ? 1 : 0;
    });
  }
  server->record(run, 500, 100);
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(right, 20);
}

TEST_F(Streaming, OversizedFrameIsRefused) {
  const auto run = server->make_run(1);
  Socket socket(server->port(), server->admin_key(), events_of(run));
  socket.send(0x81, std::string(5000, 'x'));
  Message message = socket.next_event();
  while (message.opcode == 1) message = socket.next_event();
  EXPECT_EQ(message.close_code(), 1009);
}

TEST_F(Streaming, MessagesFromTheClientAreRefused) {
  const auto run = server->make_run(1);
  Socket socket(server->port(), server->admin_key(), events_of(run));
  socket.next_event();
  socket.send(0x81, "{\"hello\":1}");
  EXPECT_EQ(socket.next_event().close_code(), 1008);
}

TEST_F(Streaming, UnmaskedFrameIsAProtocolError) {
  const auto run = server->make_run(1);
  Socket socket(server->port(), server->admin_key(), events_of(run));
  socket.next_event();
  socket.wire().send(std::string("\x81\x02hi", 4));
  EXPECT_EQ(socket.next_event().close_code(), 1002);
}

TEST_F(Streaming, PingIsAnswered) {
  const auto run = server->make_run(1);
  Socket socket(server->port(), server->admin_key(), events_of(run));
  socket.next_event();
  socket.send(0x89, "are you there");
  Message message = socket.next();
  while (message.opcode == 9 || message.opcode == 1) message = socket.next();
  EXPECT_EQ(message.opcode, 10);
  EXPECT_EQ(message.payload, "are you there");
}

TEST_F(Streaming, CloseIsAnsweredInKind) {
  const auto run = server->make_run(1);
  Socket socket(server->port(), server->admin_key(), events_of(run));
  socket.next_event();
  socket.send(0x88, std::string("\x03\xe9", 2));
  EXPECT_EQ(socket.next_event().close_code(), 1001);
}

TEST_F(Streaming, HalfOpenWebSocketIsNoticedAndClosed) {
  const auto run = server->make_run(1);
  Socket socket(server->port(), server->admin_key(), events_of(run));
  // Pings come and are not answered, as if the client's machine were gone.
  Message message = socket.next();
  while (message.opcode != -1) message = socket.next();
  SUCCEED();
}

TEST_F(Streaming, BadHandshakesAreRefused) {
  auto client = server->client();
  const auto run = server->make_run(1);
  const std::string upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
  EXPECT_EQ(client
                ->request("GET", events_of(run), {},
                          upgrade + "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
                .status,
            400);
  EXPECT_EQ(
      client->request("GET", events_of(run), {}, upgrade + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n")
          .status,
      400);
}

TEST_F(Streaming, ClientThatNeverReadsIsClosedAndCostsOthersNothing) {
  const auto run = server->make_run(20'000);
  Client lazy(server->port(), 4096);
  lazy.send(fmt::format(
      "GET {} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {}\r\n\r\n",
      events_of(run), server->admin_key()));
  Socket brisk(server->port(), server->admin_key(), events_of(run));
  std::vector<std::uint64_t> revisions;
  while (revisions.size() < 20'000) collect(brisk.next_event().payload, revisions);
  EXPECT_EQ(revisions, up_to(20'000));
  auto client = server->client();
  std::string metrics;
  for (int tries = 0; tries < 500 && metrics.find("flowstone_slow_readers_closed_total 1") == std::string::npos;
       ++tries) {
    metrics = client->request("GET", "/metrics").body;
    usleep(10'000);
  }
  EXPECT_NE(metrics.find("flowstone_slow_readers_closed_total 1"), std::string::npos);
}

TEST_F(Streaming, RevokedKeyEndsItsStreams) {
  auto admin = server->client();
  const auto created = admin->request("POST", "/v1/api-keys", R"({"name":"stream","roles":["viewer"]})");
  Socket socket(server->port(), created.member("key"), "/v1/events");
  ASSERT_EQ(socket.handshake.status, 101);
  EXPECT_EQ(admin->request("POST", "/v1/api-keys/" + created.member("id") + "/revoke", "{}").status, 200);
  Message message = socket.next_event();
  while (message.opcode == 1) message = socket.next_event();
  EXPECT_EQ(message.close_code(), 1008);
  EXPECT_NE(message.close_reason().find("resume with from="), std::string::npos);
}

TEST(StreamingStop, WebSocketsAreClosedWithThePositionToResumeFrom) {
  RunningServer server;
  const auto run = server.make_run(5);
  Socket socket(server.port(), server.admin_key(), fmt::format("/v1/runs/{}/events", run));
  for (int at = 0; at < 5; ++at) socket.next_event();
  const auto head = server.store().state().durable.value;
  std::thread stopping([&server] { server.stop_server(); });
  const auto message = socket.next_event();
  EXPECT_EQ(message.close_code(), 1012);
  EXPECT_EQ(message.close_reason(), fmt::format("the server stops; resume with from={}", head + 1));
  socket.send(0x88, std::string("\x03\xf4", 2));
  stopping.join();
}

}  // namespace
}  // namespace flowstone::tests
