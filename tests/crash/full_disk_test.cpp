// A disk that takes no more: appends stop and say so, reads go on, and a restart with room brings everything back.
#include <algorithm>
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
constexpr int kTasksInABatch = 50;

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

  // Creates tasks until some are refused; their entry, which has no answer yet.
  Entry* fill(Connection& connection) {
    Dice dice(7, 7);
    for (int tasks = 0; tasks < kTasksAtMost; tasks += kTasksInABatch) {
      std::vector<Command> commands;
      std::vector<std::string> command_ids;
      for (int at = 0; at < kTasksInABatch; ++at) {
        commands.push_back(create_task(dice));
        commands.back().data["description"] = dice.letters(1'500);
        command_ids.push_back(fmt::format("full-{}-{}", tasks, at));
      }
      Entry& entry = ledger_.attempt(batch(commands, command_ids, true));
      const std::vector<Acknowledged> answers = send(connection, entry.attempt);
      if (!std::ranges::all_of(answers, &Acknowledged::succeeded)) {
        EXPECT_THAT(answers, ::testing::Each(::testing::Field(&Acknowledged::status, 503)));
        return &entry;
      }
      ledger_.answered(entry, answers);
    }
    ADD_FAILURE() << "the disk never got full";
    return nullptr;
  }

  static std::vector<Acknowledged> send(Connection& connection, const Attempt& attempt) {
    const auto answer = connection.ask(attempt.request);
    return answer ? read_answer(attempt, *answer) : std::vector<Acknowledged>(1);
  }

  static Answer get(Connection& connection, const std::string& path) {
    return connection.ask({.method = "GET", .path = path}).value_or(Answer{});
  }

  // The log is in order and has everything that was acknowledged; its length.
  std::size_t judge(Connection& connection) {
    const auto events = read_events(connection, 1);
    EXPECT_TRUE(events);
    if (!events) return 0;
    EXPECT_THAT(check_order(*events), ::testing::IsEmpty());
    EXPECT_THAT(check_ledger(*events, ledger_.entries(), "full-"), ::testing::IsEmpty());
    return events->size();
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
  Entry* unknown = nullptr;
  Dice dice(8, 8);
  Entry& another = ledger_.attempt(single(create_task(dice), "full-another"));
  {
    ServerProcess server(start(kRoomBytes));
    const auto endpoint = server.wait_until_ready();
    ASSERT_TRUE(endpoint);
    Connection connection(*endpoint);
    unknown = fill(connection);
    ASSERT_NE(unknown, nullptr);

    const Answer refusal = connection.ask(another.attempt.request).value_or(Answer{});
    EXPECT_EQ(refusal.status, 503);
    EXPECT_EQ(refusal.header("content-type"), "application/problem+json");
    const Answer readiness = get(connection, "/readyz");
    EXPECT_EQ(readiness.status, 503);
    EXPECT_THAT(readiness.body, ::testing::HasSubstr(R"("failure":"the log could not be written)"));
    EXPECT_EQ(get(connection, "/livez").status, 200);
    EXPECT_EQ(get(connection, "/v1/tasks?limit=1").status, 200);
    readable = judge(connection);
  }
  ServerProcess server(start(0));
  const auto endpoint = server.wait_until_ready();
  ASSERT_TRUE(endpoint);
  Connection connection(*endpoint);
  EXPECT_EQ(get(connection, "/readyz").status, 200);
  EXPECT_GE(judge(connection), readable);

  // What nobody knew the outcome of is carried out once, whether it had been or not.
  for (Entry* const entry : {unknown, &another}) {
    ledger_.answered(*entry, send(connection, entry->attempt));
    EXPECT_THAT(entry->acknowledged, ::testing::Each(::testing::Field(&Acknowledged::status, 201)));
  }
  judge(connection);
}

}  // namespace
}  // namespace flowstone::crash
