// Cron expressions: "30 9 * * MON-FRI". Five fields: minute, hour, day of month, month, day of week; or six, with the
// second in front.
//
// A field is `*` (or `?`), a value, a range `a-b`, a step `*/n`, `a-b/n` or `a/n` (from a to the field's end), or a
// list of those. Months and days of the week also go by their first three letters; Sunday is 0 and 7. `L` is the last
// day of a month, `5L` its last Friday, `5#2` its second. `@hourly`, `@daily` (`@midnight`), `@weekly`, `@monthly` and
// `@yearly`
// (`@annually`) stand for whole expressions.
// As POSIX has it, a day is meant by either of the two day fields if both are restricted; a field that begins with `*`
// is not.
//
// Limits: 200 bytes. An expression whose day never comes ("0 0 30 2 *") is refused.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "calendar/zone.hpp"

namespace flowstone::calendar {

struct CronProblem {
  std::string field;  // "minute", "day of week" ...; empty if it is about the whole
  std::string detail;

  [[nodiscard]] std::string sentence() const { return field.empty() ? detail : field + " " + detail; }
  bool operator==(const CronProblem&) const = default;
};

class Cron {
 public:
  static constexpr std::size_t kMaxLength = 200;

  static Result<Cron, CronProblem> parse(std::string_view text);

  // The first time at or after `from` that the expression means, on a clock that never jumps.
  // Nothing outside the years 0 to 9999.
  [[nodiscard]] std::optional<LocalSeconds> next(LocalSeconds from) const;
  // It names no hours: it means every hour that passes, also one that a clock shows twice.
  [[nodiscard]] bool means_every_hour() const;

 private:
  friend class CronReader;

  [[nodiscard]] bool means_day(std::chrono::year_month_day day) const;
  [[nodiscard]] std::optional<std::chrono::seconds> next_in_day(std::chrono::seconds from) const;

  // Bit n: the value n is meant.
  std::uint64_t seconds_ = 1;
  std::uint64_t minutes_ = 0;
  std::uint64_t hours_ = 0;
  std::uint64_t days_ = 0;
  std::uint64_t months_ = 0;
  std::uint64_t weekdays_ = 0;
  std::uint64_t last_weekdays_ = 0;
  std::array<std::uint64_t, 5> nth_weekdays_{};  // of the first, the second ... of its kind in a month
  bool last_day_ = false;
  bool any_day_ = false;      // the day of month is not restricted
  bool any_weekday_ = false;  // nor the day of the week
};

}  // namespace flowstone::calendar
