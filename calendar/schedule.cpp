#include "calendar/schedule.hpp"

#include <charconv>

#include <fmt/format.h>

namespace flowstone::calendar {
namespace {

using std::chrono::seconds;

constexpr UtcSeconds kEnd{std::chrono::sys_days(std::chrono::year(2200) / 1 / 1)};
constexpr std::int64_t kMicros = 1'000'000;

UtcSeconds floor_seconds(Timestamp at) {
  return std::chrono::floor<seconds>(
      std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(at.micros)));
}

Timestamp timestamp_of(UtcSeconds at) { return {at.time_since_epoch().count() * kMicros}; }

// What a cron expression means in one period of a zone, from `from` on.
std::optional<UtcSeconds> next_in_period(const CronInZone& rule, const Period& period, UtcSeconds from) {
  LocalSeconds local = period.local(from);
  if (!rule.cron.means_every_hour() && period.begin > UtcSeconds::min()) {
    const Period before = rule.zone.period_at(period.begin - seconds(1));
    const LocalSeconds shown = before.local(period.begin);  // where the clock was when this period began
    // The clock was put back: what has its hour had it then.
    if (local < shown) local = shown;
    // It was put forward: what was skipped is due now.
    if (from == period.begin && shown < period.local(period.begin)) {
      const auto skipped = rule.cron.next(shown);
      if (skipped && *skipped < period.local(period.begin)) return period.begin;
    }
  }
  const auto found = rule.cron.next(local);
  if (!found) return std::nullopt;
  const UtcSeconds at = period.utc(*found);
  return at < period.end ? std::optional(at) : std::nullopt;
}

std::optional<Timestamp> next_of(const CronInZone& rule, Timestamp after) {
  UtcSeconds from = floor_seconds(after) + seconds(1);
  while (from < kEnd) {
    const Period period = rule.zone.period_at(from);
    if (const auto found = next_in_period(rule, period, from))
      return *found < kEnd ? std::optional(timestamp_of(*found)) : std::nullopt;
    if (period.end == UtcSeconds::max()) break;
    from = period.end;
  }
  return std::nullopt;
}

std::optional<Timestamp> next_of(const Interval& rule, Timestamp after) {
  if (after < rule.anchor) return rule.anchor;
  const std::int64_t length = rule.length.count() * kMicros;
  const Timestamp next{rule.anchor.micros + ((after.micros - rule.anchor.micros) / length + 1) * length};
  return next < timestamp_of(kEnd) ? std::optional(next) : std::nullopt;
}

}  // namespace

std::optional<seconds> read_duration(std::string_view text) {
  struct Unit {
    char letter;
    std::int64_t length;
  };
  constexpr std::array<Unit, 4> kUnits = {{{'d', 86'400}, {'h', 3'600}, {'m', 60}, {'s', 1}}};
  constexpr std::uint32_t kMostOfAUnit = 1'000'000'000;
  std::int64_t total = 0;
  std::size_t unit = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end == text.data() + text.size() || number > kMostOfAUnit) return std::nullopt;
    while (unit < kUnits.size() && kUnits[unit].letter != *end) ++unit;
    if (unit == kUnits.size()) return std::nullopt;
    total += number * kUnits[unit++].length;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  }
  return seconds(total);
}

Result<Schedule, std::string> Schedule::parse(std::string_view text, const Zone& zone, Timestamp anchor) {
  constexpr std::string_view kEvery = "every ";
  if (!text.starts_with(kEvery)) {
    auto cron = Cron::parse(text);
    if (!cron) return failure(cron.error().sentence());
    return Schedule(CronInZone{*cron, zone});
  }
  const auto length = read_duration(text.substr(kEvery.size()));
  if (!length || *length < Interval::kShortest || *length > Interval::kLongest)
    return failure(std::string("`every` must be followed by a duration from 1s to 366d, as in `every 1h30m`"));
  return Schedule(Interval{*length, anchor});
}

std::optional<Timestamp> Schedule::next(Timestamp after) const {
  return std::visit([&](const auto& rule) { return next_of(rule, after); }, rule_);
}

}  // namespace flowstone::calendar
