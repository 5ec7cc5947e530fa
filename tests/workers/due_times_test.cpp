#include "workers/triggers/due_times.hpp"

#include <gtest/gtest.h>

#include "jsonata/json_text.hpp"

namespace flowstone::workers {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Timestamp kStart = *from_rfc3339("2026-03-01T00:00:00Z");

workflows::StartRule every(std::string_view length, std::string_view more = "") {
  const auto text =
      std::string(R"({"id":"t","kind":"schedule","every":")") + std::string(length) + "\"" + std::string(more) + "}";
  return workflows::read_start_rule(jsonata::read_json(text).value()).value();
}

TEST(DueTimes, NothingIsDueBeforeItsTime) {
  EXPECT_TRUE(due_times(every("1h"), kStart, kStart, kStart + minutes(59), kStart).empty());
}

TEST(DueTimes, WhatFallsDueWhileItIsLookedAtIsOnTime) {
  const auto due = due_times(every("1h"), kStart, kStart, kStart + hours(2), kStart);
  EXPECT_EQ(due.missed.count, 0U);
  EXPECT_EQ(due.on_time, (std::vector{kStart + hours(1), kStart + hours(2)}));
}

TEST(DueTimes, LastOfWhatWasMissedIsMadeUpFor) {
  const Timestamp now = kStart + minutes(5 * 60 + 30);
  const auto due = due_times(every("1h"), kStart, kStart, now, now);
  EXPECT_EQ(due.missed.count, 4U);
  EXPECT_EQ(due.missed.first, kStart + hours(1));
  EXPECT_EQ(due.missed.last, kStart + hours(4));
  EXPECT_EQ(due.caught_up, std::vector{kStart + hours(5)});
  EXPECT_TRUE(due.on_time.empty());
}

TEST(DueTimes, NothingIsMadeUpForWhereThatIsNotWanted) {
  const Timestamp now = kStart + minutes(5 * 60 + 30);
  const auto due = due_times(every("1h", R"(,"catch_up":"none")"), kStart, kStart, now, now);
  EXPECT_EQ(due.missed.count, 5U);
  EXPECT_TRUE(due.caught_up.empty());
}

TEST(DueTimes, WhatIsOlderThanTheWindowIsNotMadeUpFor) {
  const Timestamp now = kStart + minutes(10 * 60 + 30);
  const auto due = due_times(every("1h", R"(,"catch_up":"all","catch_up_window":"3h")"), kStart, kStart, now, now);
  EXPECT_EQ(due.missed.count, 7U);
  EXPECT_EQ(due.caught_up, (std::vector{kStart + hours(8), kStart + hours(9), kStart + hours(10)}));
  EXPECT_TRUE(
      due_times(every("12h", R"(,"catch_up_window":"1h")"), kStart, kStart, kStart + hours(14), kStart + hours(14))
          .caught_up.empty());
}

TEST(DueTimes, NoMoreThanAThousandAreMadeUpFor) {
  const Timestamp now = kStart + seconds(3'000);
  const auto due = due_times(every("1s", R"(,"catch_up":"all")"), kStart, kStart, now, now);
  EXPECT_EQ(due.caught_up.size(), 999U + 1U);
  EXPECT_EQ(due.missed.count + due.caught_up.size() + due.on_time.size(), 3'000U);
}

TEST(DueTimes, NoMoreThanAThousandWait) {
  const auto due = due_times(every("1s"), kStart, kStart, kStart + seconds(1'500), kStart);
  EXPECT_EQ(due.on_time.size(), kMostWaiting);
  EXPECT_EQ(due.crowded.count, 500U);
  EXPECT_EQ(due.on_time.back(), kStart + seconds(1'500));
}

TEST(DueTimes, YearsAreNotCountedOneByOne) {
  const Timestamp now = kStart + hours(24 * 365);
  const auto due = due_times(every("1s", R"(,"catch_up_window":"10s")"), kStart, kStart, now, now);
  EXPECT_TRUE(due.missed.more);
  EXPECT_EQ(due.caught_up, std::vector{now + -seconds(1)});
  EXPECT_EQ(due.on_time, std::vector{now});
}

TEST(DueTimes, AClockThatWasPutBackBringsNothingTwice) {
  EXPECT_TRUE(due_times(every("1h"), kStart, kStart + hours(5), kStart + hours(3), kStart).empty());
}

}  // namespace
}  // namespace flowstone::workers
