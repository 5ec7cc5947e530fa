// The language's own suite, where it is there, and our own cases in the same form, always.
#include <map>
#include <set>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "tests/jsonata/suite.hpp"

namespace flowstone::jsonata {
namespace {

namespace fs = std::filesystem;

TEST(Conformance, TheSuiteOfTheLanguage) {
  const fs::path directory = fs::path(FLOWSTONE_SOURCE) / "../shared/corpora/jsonata";
  const auto cases = read_suite(directory);
  if (cases.empty()) GTEST_SKIP() << "there is no suite in " << directory;
  std::map<std::string, std::pair<int, int>> groups;
  int passed = 0;
  for (const auto& tried : cases) {
    const auto outcome = run_case(tried, directory);
    auto& [good, all] = groups[tried.group];
    ++all;
    good += outcome.passed ? 1 : 0;
    passed += outcome.passed ? 1 : 0;
    if (!outcome.passed)
      fmt::print("  {}/{}: {}\n    {}\n", tried.group, tried.name, outcome.reason, tried.expression.substr(0, 300));
  }
  for (const auto& [group, count] : groups) {
    if (count.first != count.second) fmt::print("  {}: {} of {}\n", group, count.first, count.second);
  }
  fmt::print("jsonata: {} of {} cases in {} groups\n", passed, cases.size(), groups.size());
  EXPECT_GE(passed * 1000, static_cast<int>(cases.size()) * 990);
}

class OwnCases : public testing::TestWithParam<const char*> {};

TEST_P(OwnCases, YieldWhatTheySay) {
  const fs::path file = fs::path(FLOWSTONE_SOURCE) / "tests/jsonata/cases" / (std::string(GetParam()) + ".json");
  const auto cases = read_cases(file, GetParam());
  ASSERT_FALSE(cases.empty()) << file;
  for (const auto& tried : cases) {
    const auto outcome = run_case(tried, {});
    EXPECT_TRUE(outcome.passed) << tried.expression << "\n" << outcome.reason;
  }
}

INSTANTIATE_TEST_SUITE_P(Jsonata, OwnCases,
                         testing::Values("paths", "operators", "lambdas", "functions-strings", "functions-numbers",
                                         "functions-collections", "functions-times"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace flowstone::jsonata
