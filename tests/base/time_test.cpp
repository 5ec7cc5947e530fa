#include "base/time.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace flowstone {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;

std::int64_t micros_of(std::string_view text) {
  const auto at = from_rfc3339(text);
  EXPECT_TRUE(at.has_value()) << text;
  return at ? at->micros : std::numeric_limits<std::int64_t>::min();
}

TEST(Rfc3339, EpochIsZero) { EXPECT_EQ(micros_of("1970-01-01T00:00:00Z"), 0); }

TEST(Rfc3339, ExamplesOfTheStandardAreRead) {
  EXPECT_EQ(micros_of("1985-04-12T23:20:50.52Z"), 482'196'050'520'000);
  EXPECT_EQ(micros_of("1996-12-19T16:39:57-08:00"), 851'042'397 * kMicrosPerSecond);
  EXPECT_EQ(micros_of("1937-01-01T12:00:27.87+00:20"), -1'041'337'172'130'000);
}

TEST(Rfc3339, OffsetsAreSubtracted) {
  EXPECT_EQ(micros_of("2026-11-20T10:00:00+01:30"), micros_of("2026-11-20T08:30:00Z"));
  EXPECT_EQ(micros_of("2026-11-20T10:00:00-23:59"), micros_of("2026-11-21T09:59:00Z"));
  EXPECT_EQ(micros_of("2026-11-20T10:00:00-00:00"), micros_of("2026-11-20T10:00:00Z"));
}

TEST(Rfc3339, LettersMayBeSmallAndTheSeparatorASpace) {
  EXPECT_EQ(micros_of("2026-11-20t10:00:00z"), micros_of("2026-11-20T10:00:00Z"));
  EXPECT_EQ(micros_of("2026-11-20 10:00:00Z"), micros_of("2026-11-20T10:00:00Z"));
}

TEST(Rfc3339, FractionsBeyondMicrosecondsAreCut) {
  EXPECT_EQ(micros_of("1970-01-01T00:00:00.1Z"), 100'000);
  EXPECT_EQ(micros_of("1970-01-01T00:00:00.000001Z"), 1);
  EXPECT_EQ(micros_of("1970-01-01T00:00:00.0000019Z"), 1);
  EXPECT_EQ(micros_of("1970-01-01T00:00:00.123456789012345678901234567890Z"), 123'456);
}

TEST(Rfc3339, FebruaryHas29DaysInLeapYearsOnly) {
  EXPECT_TRUE(from_rfc3339("2024-02-29T00:00:00Z"));
  EXPECT_TRUE(from_rfc3339("2000-02-29T00:00:00Z"));
  EXPECT_FALSE(from_rfc3339("2026-02-29T00:00:00Z"));
  EXPECT_FALSE(from_rfc3339("1900-02-29T00:00:00Z"));
}

TEST(Rfc3339, LeapSecondIsReadAsTheSecondBefore) {
  EXPECT_EQ(micros_of("2016-12-31T23:59:60Z"), micros_of("2016-12-31T23:59:59Z"));
  EXPECT_FALSE(from_rfc3339("2016-12-31T23:59:61Z"));
}

TEST(Rfc3339, FirstAndLastYearGoThereAndBack) {
  for (const std::string_view text : {"0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999999Z"}) {
    EXPECT_EQ(to_rfc3339({micros_of(text)}), text);
  }
}

TEST(Rfc3339, OffsetsMustNotLeaveTheYearsThatCanBeWritten) {
  EXPECT_FALSE(from_rfc3339("0000-01-01T00:00:00+00:01"));
  EXPECT_FALSE(from_rfc3339("9999-12-31T23:59:59-00:01"));
  EXPECT_EQ(micros_of("0000-01-01T00:01:00+00:01"), micros_of("0000-01-01T00:00:00Z"));
}

TEST(Rfc3339, TimesBeforeTheEpochKeepTheirFraction) {
  EXPECT_EQ(to_rfc3339({-1}), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(to_rfc3339({-1000}), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(micros_of("1969-12-31T23:59:59.999999Z"), -1);
}

TEST(Rfc3339, MillisecondsAreAlwaysWrittenAndMicrosecondsWhenThereAreAny) {
  EXPECT_EQ(to_rfc3339({0}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(Timestamp::from_millis(1'500)), "1970-01-01T00:00:01.500Z");
  EXPECT_EQ(to_rfc3339({1'500'001}), "1970-01-01T00:00:01.500001Z");
}

TEST(Rfc3339, AnythingElseIsRefused) {
  for (const std::string_view text : {"",
                                      "2026",
                                      "2026-11-20",
                                      "2026-11-20T10:00:00",
                                      "2026-11-20T10:00Z",
                                      "2026-11-20T10:00:00.Z",
                                      "2026-11-20T24:00:00Z",
                                      "2026-11-20T10:60:00Z",
                                      "2026-13-01T00:00:00Z",
                                      "2026-00-01T00:00:00Z",
                                      "2026-01-00T00:00:00Z",
                                      "2026-04-31T00:00:00Z",
                                      "2026-1-01T00:00:00Z",
                                      "26-01-01T00:00:00Z",
                                      "+2026-01-01T00:00:00Z",
                                      "-001-01-01T00:00:00Z",
                                      "2026-11-20T10:00:00+24:00",
                                      "2026-11-20T10:00:00+01:60",
                                      "2026-11-20T10:00:00+0100",
                                      "2026-11-20T10:00:00+01",
                                      "2026-11-20T10:00:00ZZ",
                                      "2026-11-20T10:00:00Z ",
                                      " 2026-11-20T10:00:00Z",
                                      "2026-11-20_10:00:00Z",
                                      "2026-11-20T10:00:00,5Z",
                                      "2026/11/20T10:00:00Z"}) {
    EXPECT_FALSE(from_rfc3339(text)) << text;
  }
  EXPECT_FALSE(from_rfc3339(std::string_view("2026-11-20T10:00:00\0Z", 21)));
}

TEST(SystemClock, ReadsTheTimeOfThisCentury) {
  const auto now = SystemClock().now();
  EXPECT_GT(now, *from_rfc3339("2024-01-01T00:00:00Z"));
  EXPECT_LT(now, *from_rfc3339("2100-01-01T00:00:00Z"));
}

TEST(Timestamp, DifferencesAndSumsAreMicroseconds) {
  const Timestamp at{5'000'000};
  EXPECT_EQ(at + std::chrono::seconds(2), Timestamp{7'000'000});
  EXPECT_EQ(at - Timestamp{1}, std::chrono::microseconds(4'999'999));
  EXPECT_EQ(Timestamp{1'999}.millis(), 1);
}

}  // namespace
}  // namespace flowstone
