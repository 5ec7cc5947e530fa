// A disk that takes no more: appends stop and say so, reads go on, and a restart with room brings everything back.
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/crash/attempts.hpp"
#include "tests/crash/history.hpp"
#include "tests/crash/reader.hpp"
#include "tests/crash/server_process.hpp"

namespace flowstone::crash {
namespace {

// Room for a few thousand tasks in one file; then its next write fails.
constexpr std::uint64_t kRoomBytes = 3 << 20;
constexpr int kTasksAtMost = 100'000;
constexpr std::size_t kTasksInABatch = 50;

class FullDisk : public ::testing::Test {
 protected:
  FullDisk() {
    std::string pattern = (std::filesystem::temp_directory_path() / "flowstone-full-XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  ~FullDisk() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] ServerStart start(std::uint64_t largest_file_bytes) const {
    return {.data = directory_ / "data", .log = directory_ / "server.log", .largest_file_bytes = largest_file_bytes};
  }

  // Creates tasks until the server refuses; the answer of the refusal.
  Answer fill(Connection& connection) {
    Dice dice(7, 7);
    for (int tasks = 0; tasks < kTasksAtMost; tasks += kTasksInABatch) {
      std::vector<Command> commands;
      std::vector<std::string> command_ids;
      for (std::size_t at = 0; at < kTasksInABatch; ++at) {
        commands.push_back(create_task(dice));
        commands.back().data["description"] = dice.letters(1'500);
        command_ids.push_back(fmt::format("full-{}-{}", tasks, at));
      }
      const Attempt attempt = batch(commands, command_ids, true);
      const auto answer = connection.ask(attempt.request);
      if (!answer) return {};
      if (!answer->succeeded()) return *answer;
      Entry& entry = ledger_.attempt(attempt);
      ledger_.answered(entry, read_answer(attempt, *answer));
    }
    return {};
  }

  std::filesystem::path directory_;
  Ledger ledger_{"/dev/null"};
};

TEST_F(FullDisk, AppendsStopReadsGoOnAndARestartRecovers) {
  {
    ServerProcess server(start(0));
    ASSERT_TRUE(server.wait_until_ready());
    ASSERT_EQ(server.stop(), 0);
  }
  std::size_t readable = 0;
  {
    ServerProcess server(start(kRoomBytes));
    const auto endpoint = server.wait_until_ready();
    ASSERT_TRUE(endpoint);
    Connection connection(*endpoint);

    const Answer refusal = fill(connection);
    EXPECT_EQ(refusal.status, 503) << refusal.body;
    EXPECT_EQ(refusal.header("content-type"), "application/problem+json");

    const auto readiness = connection.ask({.method = "GET", .path = "/readyz"});
    ASSERT_TRUE(readiness);
    EXPECT_EQ(readiness->status, 503);
    EXPECT_THAT(readiness->body, ::testing::HasSubstr("\"failure\""));
    const auto liveness = connection.ask({.method = "GET", .path = "/livez"});
    ASSERT_TRUE(liveness);
    EXPECT_EQ(liveness->status, 200);

    Dice dice(8, 8);
    const auto still = connection.ask(single(create_task(dice), "full-after").request);
    ASSERT_TRUE(still);
    EXPECT_EQ(still->status, 503);

    const auto events = read_events(connection, 1);
    ASSERT_TRUE(events);
    readable = events->size();
    EXPECT_THAT(check_ledger(*events, ledger_.entries(), "full-"), ::testing::IsEmpty());
  }
  ServerProcess server(start(0));
  const auto endpoint = server.wait_until_ready();
  ASSERT_TRUE(endpoint);
  Connection connection(*endpoint);
  const auto events = read_events(connection, 1);
  ASSERT_TRUE(events);
  EXPECT_GE(events->size(), readable);
  EXPECT_THAT(check_order(*events), ::testing::IsEmpty());
  EXPECT_THAT(check_ledger(*events, ledger_.entries(), "full-"), ::testing::IsEmpty());
  Dice dice(9, 9);
  const auto created = connection.ask(single(create_task(dice), "full-recovered").request);
  ASSERT_TRUE(created);
  EXPECT_EQ(created->status, 201) << created->body;
}

}  // namespace
}  // namespace flowstone::crash
