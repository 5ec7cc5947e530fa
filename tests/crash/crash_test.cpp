// Kills the real server again and again; see README.md.
#include <cstdlib>
#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/crash/trial.hpp"

namespace flowstone::crash {
namespace {

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 0);
}

std::uint64_t fresh_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

TEST(Crash, NothingAcknowledgedIsLostOrDoubledThroughManyKills) {
  const TrialOptions options{.seed = number_from_environment("FLOWSTONE_CRASH_SEED", fresh_seed()),
                             .kills = static_cast<int>(number_from_environment("FLOWSTONE_CRASH_KILLS", 100))};
  fmt::print("FLOWSTONE_CRASH_SEED={:#x} FLOWSTONE_CRASH_KILLS={}\n", options.seed, options.kills);
  std::fflush(stdout);
  Trial trial(options);
  for (int number = 1; number <= options.kills && trial.findings().empty(); ++number) trial.round(number);
  trial.judge_everything();
  fmt::print("{}\n", trial.summary());
  for (const std::string& finding : trial.findings()) ADD_FAILURE() << finding;
  if (!trial.findings().empty()) fmt::print("ledger, server log and data are in {}\n", trial.directory().string());
}

// A server cannot know that its whole directory is an earlier one; a client with a ledger does.
TEST(Crash, ADirectoryPutBackToAnEarlierStateIsNoticed) {
  Trial trial({.seed = fresh_seed(), .clients = 2});
  trial.round(1);
  const std::filesystem::path data = trial.directory() / "data", earlier = trial.directory() / "earlier";
  std::filesystem::copy(data, earlier, std::filesystem::copy_options::recursive);
  trial.round(2);
  trial.look_once();
  EXPECT_THAT(trial.findings(), ::testing::IsEmpty());
  std::filesystem::remove_all(data);
  std::filesystem::rename(earlier, data);
  trial.look_once();
  EXPECT_THAT(trial.findings(), ::testing::Contains(::testing::HasSubstr("which was seen")));
  EXPECT_THAT(trial.findings(), ::testing::Contains(::testing::HasSubstr("no longer")));
  std::filesystem::remove_all(trial.directory());
}

}  // namespace
}  // namespace flowstone::crash
