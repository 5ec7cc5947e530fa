// When something that repeats is due.
//
// A cron expression is read on the wall clock of its zone. Where a clock is put forward, what the skipped time would
// have brought is due once, at the first moment after it; where it is put back, what has an hour of its own is due at
// the first of the two. An expression that names no hours follows the time that passes: it skips nothing and has both.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "calendar/cron.hpp"

namespace flowstone::calendar {

// From the anchor on, again and again.
struct Interval {
  static constexpr std::chrono::seconds kShortest{1};
  static constexpr std::chrono::seconds kLongest{366 * 86'400};

  std::chrono::seconds length{kShortest};
  Timestamp anchor;
};

struct CronInZone {
  Cron cron;
  Zone zone;
};

class Schedule {
 public:
  explicit Schedule(CronInZone rule) : rule_(rule) {}
  explicit Schedule(Interval rule) : rule_(rule) {}

  // "0 9 * * MON-FRI" on the clocks of the zone; or "every 90s", "every 1h30m" (units d, h, m, s), counted from
  // `anchor`. A sentence says what is wrong.
  static Result<Schedule, std::string> parse(std::string_view text, const Zone& zone, Timestamp anchor);

  // The first time after `after`; nothing if there is none before the year 2200.
  [[nodiscard]] std::optional<Timestamp> next(Timestamp after) const;

 private:
  std::variant<CronInZone, Interval> rule_;
};

// "1h30m" as seconds: d, h, m and s, each at most once and in this order. Nothing for another text.
std::optional<std::chrono::seconds> read_duration(std::string_view text);

}  // namespace flowstone::calendar
