// What cron expressions mean, and what is told of those that mean nothing.
#include "calendar/cron.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace flowstone::calendar {
namespace {

LocalSeconds at(std::string_view text) {
  const auto time = from_rfc3339(std::string(text) + "Z");
  return LocalSeconds(std::chrono::seconds(time.value().micros / 1'000'000));
}

std::string show(std::optional<LocalSeconds> time) {
  if (!time) return "never";
  return to_rfc3339({time->time_since_epoch().count() * 1'000'000}).substr(0, 19);
}

struct Meaning {
  std::string_view expression;
  std::string_view from;
  std::vector<std::string> times;
};

class Meanings : public testing::TestWithParam<Meaning> {};

TEST_P(Meanings, AreTheNextTimes) {
  const auto cron = Cron::parse(GetParam().expression);
  ASSERT_TRUE(cron.has_value()) << cron.error().sentence();
  LocalSeconds from = at(GetParam().from);
  for (const std::string& expected : GetParam().times) {
    const auto next = cron->next(from);
    EXPECT_EQ(show(next), expected) << GetParam().expression;
    if (!next) return;
    from = *next + std::chrono::seconds(1);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Cron, Meanings,
    testing::Values(
        Meaning{"*/20 * * * *",
                "2026-11-20T10:05:00",
                {"2026-11-20T10:20:00", "2026-11-20T10:40:00", "2026-11-20T11:00:00"}},
        Meaning{"30 9 * * MON-FRI", "2026-11-20T09:30:00", {"2026-11-20T09:30:00", "2026-11-23T09:30:00"}},
        Meaning{"0 0 * * fri-sun",
                "2026-11-20T00:00:01",
                {"2026-11-21T00:00:00", "2026-11-22T00:00:00", "2026-11-27T00:00:00"}},
        Meaning{"5/25 8 * * *",
                "2026-01-01T00:00:00",
                {"2026-01-01T08:05:00", "2026-01-01T08:30:00", "2026-01-01T08:55:00", "2026-01-02T08:05:00"}},
        Meaning{"0 12 L * *", "2028-02-01T00:00:00", {"2028-02-29T12:00:00", "2028-03-31T12:00:00"}},
        Meaning{"0 12 * * 5L", "2026-11-20T00:00:00", {"2026-11-27T12:00:00", "2026-12-25T12:00:00"}},
        Meaning{"0 12 * * 5#2", "2026-11-20T00:00:00", {"2026-12-11T12:00:00", "2027-01-08T12:00:00"}},
        Meaning{"0 12 * * mon#5", "2026-11-20T00:00:00", {"2026-11-30T12:00:00", "2027-03-29T12:00:00"}},
        Meaning{"0 0 13 * 5",
                "2026-11-12T00:00:00",
                {"2026-11-13T00:00:00", "2026-11-20T00:00:00", "2026-11-27T00:00:00", "2026-12-04T00:00:00",
                 "2026-12-11T00:00:00", "2026-12-13T00:00:00"}},
        Meaning{"0 0 */10 * 1", "2026-11-01T00:00:00", {"2026-12-21T00:00:00", "2027-01-11T00:00:00"}},
        Meaning{"0 0 29 2 *", "2097-01-01T00:00:00", {"2104-02-29T00:00:00"}},
        Meaning{"0 0 29 2 ?", "9997-01-01T00:00:00", {"never"}},
        Meaning{"15,45 30 6-8/2 1 jan,JUL *",
                "2026-01-01T06:30:16",
                {"2026-01-01T06:30:45", "2026-01-01T08:30:15", "2026-01-01T08:30:45", "2026-07-01T06:30:15"}},
        Meaning{"59 23 31 12 *", "2026-12-31T23:59:01", {"2027-12-31T23:59:00"}},
        Meaning{"@hourly", "2026-11-20T10:05:00", {"2026-11-20T11:00:00"}},
        Meaning{"@weekly", "2026-11-20T10:05:00", {"2026-11-22T00:00:00"}},
        Meaning{"@monthly", "2026-11-20T10:05:00", {"2026-12-01T00:00:00"}},
        Meaning{"@yearly", "2026-11-20T10:05:00", {"2027-01-01T00:00:00"}},
        Meaning{"0 0 * * 7", "2026-11-20T00:00:00", {"2026-11-22T00:00:00"}}));

struct Mistake {
  std::string expression;
  std::string sentence;
};

class Mistakes : public testing::TestWithParam<Mistake> {};

TEST_P(Mistakes, NameTheFieldAndWhatItMustBe) {
  const auto cron = Cron::parse(GetParam().expression);
  ASSERT_FALSE(cron.has_value());
  EXPECT_EQ(cron.error().sentence(), GetParam().sentence);
}

const std::string kFields =
    "must have five fields (minute, hour, day of month, month, day of week), or six with the second in front";

INSTANTIATE_TEST_SUITE_P(
    Cron, Mistakes,
    testing::Values(
        Mistake{"", kFields}, Mistake{"* * * *", kFields}, Mistake{"* * * * * * *", kFields},
        Mistake{"@reboot", kFields}, Mistake{"60 * * * *", "minute `60` must be a number from 0 to 59"},
        Mistake{"* 24 * * *", "hour `24` must be a number from 0 to 23"},
        Mistake{"* * 0 * *", "day of month `0` must be a number from 1 to 31"},
        Mistake{"* * * 13 *", "month `13` must be a number from 1 to 12, or a name of three letters"},
        Mistake{"* * * * 8", "day of week `8` must be a number from 0 to 7, or a name of three letters"},
        Mistake{"* * * * monday", "day of week `monday` must be a number from 0 to 7, or a name of three letters"},
        Mistake{"61 * * * * *", "second `61` must be a number from 0 to 59"},
        Mistake{"5- * * * *", "minute `` must be a number from 0 to 59"},
        Mistake{"9-5 * * * *", "minute `9-5` must begin with the smaller of the two"},
        Mistake{"*/0 * * * *", "minute `*/0` must have a step from 1 to 59 behind the slash"},
        Mistake{"1,,2 * * * *", "minute `` must be a number from 0 to 59"},
        Mistake{"* * 15W * *", "day of month `15w` must be a number from 1 to 31"},
        Mistake{"* * * * 5#6", "day of week `5#6` must have a number from 1 to 5 behind the #"},
        Mistake{"99999999999999999999 * * * *", "minute `99999999999999999999` must be a number from 0 to 59"},
        Mistake{"0 0 30 2 *", "never happens: no month that it names has such a day"},
        Mistake{"0 0 31 4,6,9,11 *", "never happens: no month that it names has such a day"},
        Mistake{std::string(201, '*'), "must have at most 200 characters"}));

}  // namespace
}  // namespace flowstone::calendar
