#include "calendar/cron.hpp"

#include <bit>

#include <fmt/format.h>

namespace flowstone::calendar {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::seconds;
using std::chrono::year_month_day;

constexpr std::uint64_t kEveryHour = (1ULL << 24U) - 1;
constexpr std::chrono::year kLastYear{9999};
constexpr LocalSeconds kFirstTime{local_days(std::chrono::year(0) / 1 / 1)};
constexpr LocalSeconds kLastTime{local_days(std::chrono::year(10'000) / 1 / 1) - seconds(1)};
// The Gregorian calendar repeats after 400 years: a day that does not come in them never comes.
constexpr int kYearsOfCalendar = 400;

bool has(std::uint64_t set, unsigned value) { return (set >> value & 1U) != 0; }

// The least value of the set from `from` on; -1 if there is none.
int next_value(std::uint64_t set, unsigned from) {
  const std::uint64_t rest = from > 63 ? 0 : set >> from << from;
  return rest == 0 ? -1 : std::countr_zero(rest);
}

}  // namespace

bool Cron::means_every_hour() const { return hours_ == kEveryHour; }

bool Cron::means_day(year_month_day day) const {
  if (!has(months_, unsigned(day.month()))) return false;
  const auto number = unsigned(day.day());
  const auto length = unsigned((day.year() / day.month() / std::chrono::last).day());
  const unsigned weekday = std::chrono::weekday(local_days(day)).c_encoding();
  const bool by_day = has(days_, number) || (last_day_ && number == length);
  const bool by_weekday = has(weekdays_, weekday) || (has(last_weekdays_, weekday) && number + 7 > length) ||
                          has(nth_weekdays_[(number - 1) / 7], weekday);
  if (any_day_ || any_weekday_) return by_day && by_weekday;
  return by_day || by_weekday;
}

std::optional<seconds> Cron::next_in_day(seconds from) const {
  auto hour = static_cast<unsigned>(from.count() / 3600);
  auto minute = static_cast<unsigned>(from.count() / 60 % 60);
  auto second = static_cast<unsigned>(from.count() % 60);
  for (int h = next_value(hours_, hour); h >= 0; h = next_value(hours_, hour)) {
    if (unsigned(h) != hour) minute = second = 0;
    hour = unsigned(h);
    for (int m = next_value(minutes_, minute); m >= 0; m = next_value(minutes_, minute)) {
      if (unsigned(m) != minute) second = 0;
      minute = unsigned(m);
      if (const int s = next_value(seconds_, second); s >= 0) return seconds(h * 3600 + m * 60 + s);
      ++minute;
      second = 0;
    }
    ++hour;
    minute = second = 0;
  }
  return std::nullopt;
}

std::optional<LocalSeconds> Cron::next(LocalSeconds from) const {
  if (from < kFirstTime || from > kLastTime) return std::nullopt;
  auto day = std::chrono::floor<days>(from);
  auto time = from - day;
  const auto last_year = year_month_day(day).year() + std::chrono::years(kYearsOfCalendar + 1);
  for (year_month_day date(day); date.year() <= std::min(last_year, kLastYear); date = year_month_day(day)) {
    if (!has(months_, unsigned(date.month()))) {
      day = local_days((date.year() / date.month() + std::chrono::months(1)) / 1);
    } else {
      if (means_day(date)) {
        if (const auto found = next_in_day(time)) return day + *found;
      }
      day += days(1);
    }
    time = seconds(0);
  }
  return std::nullopt;
}

}  // namespace flowstone::calendar
