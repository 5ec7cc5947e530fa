// `flowstone schedule next` as its user sees it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/process.hpp"

namespace flowstone::cli {
namespace {

class ScheduleNext : public testing::Test {
 protected:
  Ran next(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"schedule", "next"});
    return run(scratch_.path(), std::move(arguments));
  }

  ScratchDirectory scratch_;
};

TEST_F(ScheduleNext, PrintsUtcAndTheClocksOfTheZone) {
  const auto ran =
      next({"30 9 * * MON-FRI", "--zone", "Europe/Berlin", "--after", "2026-11-20T09:00:00Z", "--count", "2"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(
      ran.out,
      "2026-11-23T08:30:00.000Z  2026-11-23T09:30:00+01:00\n2026-11-24T08:30:00.000Z  2026-11-24T09:30:00+01:00\n");
}

TEST_F(ScheduleNext, PrintsJsonForMachines) {
  const auto ran = next({"@yearly", "--after", "2026-11-20T09:00:00Z", "-n", "1", "--json"});
  EXPECT_EQ(ran.out, R"({"zone":"UTC","times":[{"at":"2027-01-01T00:00:00.000Z","local":"2027-01-01T00:00:00Z"}]})"
                     "\n");
}

TEST_F(ScheduleNext, SaysWhatIsWrong) {
  const auto says = [&](std::vector<std::string> arguments) {
    const auto ran = next(std::move(arguments));
    EXPECT_EQ(ran.status, 1);
    return ran.err;
  };
  EXPECT_THAT(says({"61 * * * *"}), testing::HasSubstr("minute `61` must be a number from 0 to 59"));
  EXPECT_THAT(says({"@daily", "--zone", "Mars"}), testing::HasSubstr("--zone: `Mars` is no time zone"));
  EXPECT_THAT(says({"@daily", "--after", "soon"}), testing::HasSubstr("--after must be a time"));
}

}  // namespace
}  // namespace flowstone::cli
