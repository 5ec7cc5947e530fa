// Pages of one stream's events in a long log.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/integration/running_server.hpp"

namespace flowstone::tests {
namespace {

TEST(StreamPages, PageOfAStreamHasItsEventsHoweverFarAwayTheyAre) {
  constexpr std::uint64_t kFar = 200'000;  // events that other pages pass over at most
  constexpr std::size_t kTogether = 1'000;
  RunningServer server;
  for (std::uint64_t at = 0; at <= kFar; at += kTogether) {
    eventstore::Append append;
    append.workspace = "elsewhere";
    append.actor = "test";
    append.writes.resize(1);
    append.writes.front().stream = "note-1";
    append.writes.front().events.assign(kTogether, {.type = "note.added", .payload = {}});
    ASSERT_TRUE(server.store().append(std::move(append)));
  }
  const auto run = server.make_run(3);
  auto client = server.client();
  const auto forward = client->request("GET", fmt::format("/v1/runs/{}/events?limit=3&from=1", run));
  EXPECT_NE(forward.body.find("\"revision\":3"), std::string::npos) << forward.body;
  EXPECT_EQ(
      client->request("GET", fmt::format("/v1/streams/run-{}/events?actor=nobody&from=1", run)).member("next_cursor"),
      std::to_string(kFar + 1));
}

}  // namespace
}  // namespace flowstone::tests
