// When schedules are due where clocks jump, and that no wall clock is asked.
#include "calendar/schedule.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace flowstone::calendar {
namespace {

using testing::ElementsAre;

Zone zone(std::string_view name) { return Zone::find(name).value(); }
Timestamp at(std::string_view text) { return from_rfc3339(text).value(); }

// The next times as the zone's clocks show them.
std::vector<std::string> next(std::string_view text, std::string_view zone_name, std::string_view after, int count) {
  const Zone there = zone(zone_name);
  const auto schedule = Schedule::parse(text, there, at("2026-01-01T00:00:00Z"));
  std::vector<std::string> times;
  Timestamp from = at(after);
  for (int i = 0; i < count; ++i) {
    const auto due = schedule.value().next(from);
    if (!due) break;
    times.push_back(there.show(UtcSeconds(std::chrono::seconds(due->micros / 1'000'000))));
    from = *due;
  }
  return times;
}

TEST(Schedule, WhatAClockSkipsIsDueOnceRightAfter) {
  EXPECT_THAT(next("*/20 2 * * *", "Europe/Berlin", "2026-03-28T01:30:00Z", 4),
              ElementsAre("2026-03-28T02:40:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00",
                          "2026-03-30T02:20:00+02:00"));
}

TEST(Schedule, WhatAClockShowsTwiceIsDueTheFirstTime) {
  EXPECT_THAT(next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2),
              ElementsAre("2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"));
}

TEST(Schedule, EveryHourMeansEveryHourThatPasses) {
  EXPECT_THAT(next("30 * * * *", "Europe/Berlin", "2026-10-24T23:45:00Z", 3),
              ElementsAre("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-25T03:30:00+01:00"));
  EXPECT_THAT(next("30 * * * *", "Europe/Berlin", "2026-03-28T23:45:00Z", 3),
              ElementsAre("2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00", "2026-03-29T04:30:00+02:00"));
}

TEST(Schedule, AClockMayJumpByHalfAnHour) {
  EXPECT_THAT(next("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", 2),
              ElementsAre("2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"));
}

TEST(Schedule, ADayThatAZoneLeftOutIsDueAtItsEnd) {
  EXPECT_THAT(next("0 9 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z", 3),
              ElementsAre("2011-12-29T09:00:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T09:00:00+14:00"));
}

TEST(Schedule, ClocksGoOnChangingInTheFarFuture) {
  EXPECT_THAT(next("0 9 1 7 *", "Europe/Berlin", "2089-12-01T00:00:00Z", 1), ElementsAre("2090-07-01T09:00:00+02:00"));
  EXPECT_THAT(next("30 2 * * *", "America/New_York", "2090-11-04T12:00:00Z", 2),
              ElementsAre("2090-11-05T02:30:00-05:00", "2090-11-06T02:30:00-05:00"));
}

TEST(Schedule, NothingIsDueFrom2200On) {
  EXPECT_THAT(next("0 0 1 1 *", "UTC", "2198-12-01T00:00:00Z", 5), ElementsAre("2199-01-01T00:00:00Z"));
  EXPECT_THAT(next("every 366d", "UTC", "2199-12-01T00:00:00Z", 5), ElementsAre());
}

TEST(Schedule, AnIntervalIsCountedFromItsAnchor) {
  EXPECT_THAT(next("every 1h30m", "UTC", "2025-12-31T00:00:00Z", 2),
              ElementsAre("2026-01-01T00:00:00Z", "2026-01-01T01:30:00Z"));
  EXPECT_THAT(next("every 90s", "UTC", "2026-01-01T00:01:30Z", 1), ElementsAre("2026-01-01T00:03:00Z"));
}

TEST(Schedule, MistakesAreSentences) {
  const auto error_of = [](std::string_view text) { return Schedule::parse(text, Zone::utc(), {}).error(); };
  EXPECT_EQ(error_of("every 0s"), "`every` must be followed by a duration from 1s to 366d, as in `every 1h30m`");
  EXPECT_EQ(error_of("every 367d"), error_of("every 0s"));
  EXPECT_EQ(error_of("every 30m1h"), error_of("every 0s"));
  EXPECT_EQ(error_of("every 99999999999h"), error_of("every 0s"));
  EXPECT_EQ(error_of("* 24 * * *"), "hour `24` must be a number from 0 to 23");
}

TEST(Zone, NamesAreThoseOfIana) {
  EXPECT_EQ(zone("Europe/Berlin").name(), "Europe/Berlin");
  for (const std::string_view name : {"", "Nowhere", "../etc/passwd", "/etc/localtime", "Europe", "Europe/Berlin\n"})
    EXPECT_FALSE(Zone::find(name).has_value()) << name;
  EXPECT_EQ(Zone::find("Nowhere").error(),
            "`Nowhere` is no time zone of the IANA database; an example is `Europe/Berlin`");
}

std::string any_expression() {
  using rc::gen::inRange;
  const auto field = [](int least, int most) {
    switch (*inRange(0, 4)) {
      case 0:
        return std::string("*");
      case 1:
        return fmt::format("*/{}", *inRange(1, most + 1));
      default:
        return fmt::format("{}", *inRange(least, most + 1));
    }
  };
  return fmt::format("{} {} {} {} {}", field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6));
}

const std::vector<std::string_view> kZones = {
    "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago"};

// From any moment between two times, the next is the later of them: nothing is missed and nothing is due twice.
RC_GTEST_PROP(ScheduleProperty, TheNextTimeIsTheSameFromEveryMomentBeforeIt, ()) {
  const Zone there = zone(kZones[*rc::gen::inRange<std::size_t>(0, kZones.size())]);
  const std::string text = any_expression();
  RC_LOG() << text << " " << there.name();
  const auto schedule = Schedule::parse(text, there, {});
  RC_ASSERT(schedule.has_value());
  const Timestamp from{*rc::gen::inRange<std::int64_t>(1'600'000'000, 4'000'000'000) * 1'000'000};
  const auto first = schedule->next(from);
  RC_ASSERT(first.has_value());
  const auto second = schedule->next(*first);
  RC_ASSERT(second.has_value());
  RC_ASSERT(*first > from);
  RC_ASSERT(*second > *first);
  const std::int64_t gap = (second->micros - first->micros) / 1'000'000;
  const std::int64_t steps = *rc::gen::inRange<std::int64_t>(0, std::min<std::int64_t>(gap, 1'000'000));
  RC_ASSERT(*schedule->next({first->micros + steps * 1'000'000}) == *second);
  RC_ASSERT(*schedule->next({second->micros - 1}) == *second);
}

}  // namespace
}  // namespace flowstone::calendar
