// Kills the real server again and again; see README.md.
#include <cstdlib>
#include <random>

#include <fmt/format.h>
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

}  // namespace
}  // namespace flowstone::crash
