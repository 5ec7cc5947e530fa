#include "calendar/zone.hpp"

#include <algorithm>
#include <date/tz.h>
#include <exception>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "base/locked.hpp"
#include "calendar/last_rule.hpp"

namespace flowstone::calendar {
namespace {

using std::chrono::seconds;

constexpr std::size_t kLongestName = 64;

// Names of files under the zones' directory, and nothing that leads elsewhere.
bool may_be_name(std::string_view name) {
  const auto allowed = [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           letter == '/' || letter == '_' || letter == '-' || letter == '+';
  };
  return !name.empty() && name.size() <= kLongestName && name.front() != '/' && std::ranges::all_of(name, allowed);
}

Period period_of(const date::sys_info& info) {
  return {UtcSeconds(info.begin.time_since_epoch()), UtcSeconds(info.end.time_since_epoch()), info.offset};
}

}  // namespace

struct Zone::Rules {
  const date::time_zone* listed;
  std::unique_ptr<const LastRule> last;

  // Each zone's rules are read once and kept.
  static const Rules* of(const date::time_zone* zone) {
    static Locked<std::map<const date::time_zone*, std::unique_ptr<const Rules>>> known;
    return known.with([zone](auto& all) {
      auto& rules = all[zone];
      if (!rules) rules.reset(new Rules{zone, LastRule::read("/usr/share/zoneinfo/" + zone->name())});
      return static_cast<const Rules*>(rules.get());
    });
  }
};

Result<Zone, std::string> Zone::find(std::string_view name) {
  const auto unknown = [&] {
    return failure(fmt::format("`{}` is no time zone of the IANA database; an example is `Europe/Berlin`", name));
  };
  if (!may_be_name(name)) return unknown();
  try {
    return Zone(Rules::of(date::locate_zone(name)));
  } catch (const std::exception&) {
    return unknown();
  }
}

Zone Zone::utc() { return Zone(Rules::of(date::locate_zone("UTC"))); }

Period Zone::period_at(UtcSeconds at) const {
  constexpr auto kFirst = UtcSeconds(std::chrono::sys_days(std::chrono::year(1900) / 1 / 1));
  constexpr auto kLast = UtcSeconds(std::chrono::sys_days(std::chrono::year(2200) / 1 / 1));
  const date::sys_seconds within(std::clamp(at, kFirst, kLast).time_since_epoch());
  Period period = period_of(rules_->listed->get_info(within));
  if (rules_->last && period.end > kLast) {
    const LastRule::Span span = rules_->last->at(within.time_since_epoch().count());
    period = {UtcSeconds(seconds(span.begin)), UtcSeconds(seconds(span.end)), seconds(span.offset)};
  }
  if (at < kFirst) period.begin = UtcSeconds::min();
  if (at > kLast) period.end = UtcSeconds::max();
  return period;
}

std::string Zone::show(UtcSeconds at) const {
  const Period period = period_at(at);
  std::string text = to_rfc3339({std::chrono::microseconds(period.local(at).time_since_epoch()).count()});
  text.resize(sizeof("2026-03-29T03:00:00") - 1);
  if (period.offset == seconds(0)) return text + "Z";
  const auto minutes = std::chrono::abs(std::chrono::duration_cast<std::chrono::minutes>(period.offset)).count();
  return fmt::format("{}{}{:02}:{:02}", text, period.offset < seconds(0) ? '-' : '+', minutes / 60, minutes % 60);
}

std::string Zone::name() const { return rules_->listed->name(); }

}  // namespace flowstone::calendar
