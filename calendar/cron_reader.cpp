#include <algorithm>
#include <charconv>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "calendar/cron.hpp"

namespace flowstone::calendar {
namespace {

struct FieldRule {
  std::string_view name;
  unsigned least;
  unsigned most;
  std::span<const std::string_view> names;  // of the values from `least` on
};

constexpr unsigned kSunday = 7;
constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr FieldRule kSecond{"second", 0, 59, {}};
constexpr FieldRule kMinute{"minute", 0, 59, {}};
constexpr FieldRule kHour{"hour", 0, 23, {}};
constexpr FieldRule kDay{"day of month", 1, 31, {}};
constexpr FieldRule kMonth{"month", 1, 12, kMonths};
constexpr FieldRule kWeekday{"day of week", 0, kSunday, kWeekdays};

struct Macro {
  std::string_view name;
  std::string_view meaning;
};
constexpr std::array<Macro, 7> kMacros = {{{"@hourly", "0 * * * *"},
                                           {"@daily", "0 0 * * *"},
                                           {"@midnight", "0 0 * * *"},
                                           {"@weekly", "0 0 * * 0"},
                                           {"@monthly", "0 0 1 * *"},
                                           {"@yearly", "0 0 1 1 *"},
                                           {"@annually", "0 0 1 1 *"}}};

std::string lower(std::string_view text) {
  std::string folded(text);
  for (char& letter : folded) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return folded;
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find_first_of(separators, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::optional<unsigned> number_in(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

template <class Text>
auto problem(const FieldRule& rule, Text&& detail) {
  return failure(CronProblem{std::string(rule.name), std::forward<Text>(detail)});
}

Result<unsigned, CronProblem> read_value(const FieldRule& rule, std::string_view text) {
  const auto named = std::ranges::find(rule.names, text);
  if (named != rule.names.end()) return rule.least + static_cast<unsigned>(named - rule.names.begin());
  const auto number = number_in(text);
  if (!number || *number < rule.least || *number > rule.most)
    return problem(rule, fmt::format("`{}` must be a number from {} to {}{}", text, rule.least, rule.most,
                                     rule.names.empty() ? "" : ", or a name of three letters"));
  return *number;
}

struct Range {
  unsigned first;
  unsigned last;
};

Result<Range, CronProblem> read_range(const FieldRule& rule, std::string_view text, bool has_step) {
  if (text == "*" || text == "?") return Range{rule.least, rule.names.size() == 7 ? 6 : rule.most};
  const auto dash = text.find('-');
  FLOWSTONE_TRY(const unsigned first, read_value(rule, text.substr(0, dash)));
  if (dash == std::string_view::npos) return Range{first, has_step ? rule.most : first};
  FLOWSTONE_TRY(unsigned last, read_value(rule, text.substr(dash + 1)));
  if (rule.most == kSunday && last == 0 && first > 0) last = kSunday;  // "fri-sun"
  if (last < first) return problem(rule, fmt::format("`{}` must begin with the smaller of the two", text));
  return Range{first, last};
}

// "*/15", "1-5", "9": bit n of the answer stands for n.
Result<std::uint64_t, CronProblem> read_item(const FieldRule& rule, std::string_view text) {
  const auto slash = text.find('/');
  const bool has_step = slash != std::string_view::npos;
  FLOWSTONE_TRY(const Range range, read_range(rule, text.substr(0, slash), has_step));
  unsigned step = 1;
  if (has_step) {
    const auto number = number_in(text.substr(slash + 1));
    if (!number || *number == 0 || *number > rule.most)
      return problem(rule, fmt::format("`{}` must have a step from 1 to {} behind the slash", text, rule.most));
    step = *number;
  }
  std::uint64_t set = 0;
  for (unsigned value = range.first; value <= range.last; value += step) set |= 1ULL << value;
  return set;
}

Result<std::uint64_t, CronProblem> read_list(const FieldRule& rule, std::string_view text) {
  std::uint64_t set = 0;
  for (const std::string_view item : split(text, ",")) {
    FLOWSTONE_TRY(const std::uint64_t values, read_item(rule, item));
    set |= values;
  }
  return set;
}

// Sunday is 0 and 7.
std::uint64_t folded_week(std::uint64_t set) { return (set | set >> 7U) & 0x7FU; }

bool is_star(std::string_view text) { return text.starts_with('*') || text.starts_with('?'); }

}  // namespace

class CronReader {
 public:
  Result<Cron, CronProblem> read(std::string_view text) {
    if (text.size() > Cron::kMaxLength)
      return failure(CronProblem{"", fmt::format("must have at most {} characters", Cron::kMaxLength)});
    std::string folded = lower(text);
    const auto macro = std::ranges::find(kMacros, std::string_view(folded), &Macro::name);
    if (macro != kMacros.end()) folded = macro->meaning;
    auto fields = split(folded, " \t");
    std::erase(fields, "");
    if (fields.size() != 5 && fields.size() != 6)
      return failure(CronProblem{"",
                                 "must have five fields (minute, hour, day of month, month, day of week), or six "
                                 "with the second in front"});
    if (fields.size() == 6) {
      FLOWSTONE_TRY(cron_.seconds_, read_list(kSecond, fields.front()));
      fields.erase(fields.begin());
    }
    FLOWSTONE_TRY(cron_.minutes_, read_list(kMinute, fields[0]));
    FLOWSTONE_TRY(cron_.hours_, read_list(kHour, fields[1]));
    FLOWSTONE_TRY(cron_.months_, read_list(kMonth, fields[3]));
    FLOWSTONE_TRY_VOID(read_days(fields[2]));
    FLOWSTONE_TRY_VOID(read_weekdays(fields[4]));
    if (!cron_.next(LocalSeconds(std::chrono::local_days(std::chrono::year(2000) / 1 / 1))))
      return failure(CronProblem{"", "never happens: no month that it names has such a day"});
    return cron_;
  }

 private:
  Result<void, CronProblem> read_days(std::string_view text) {
    cron_.any_day_ = is_star(text);
    for (const std::string_view item : split(text, ",")) {
      if (item == "l") {
        cron_.last_day_ = true;
        continue;
      }
      FLOWSTONE_TRY(const std::uint64_t values, read_item(kDay, item));
      cron_.days_ |= values;
    }
    return {};
  }

  Result<void, CronProblem> read_weekdays(std::string_view text) {
    cron_.any_weekday_ = is_star(text);
    for (const std::string_view item : split(text, ",")) {
      if (item.size() > 1 && item.ends_with('l')) {
        FLOWSTONE_TRY(const unsigned day, read_value(kWeekday, item.substr(0, item.size() - 1)));
        cron_.last_weekdays_ |= folded_week(1ULL << day);
      } else if (const auto hash = item.find('#'); hash != std::string_view::npos) {
        FLOWSTONE_TRY(const unsigned day, read_value(kWeekday, item.substr(0, hash)));
        const auto nth = number_in(item.substr(hash + 1));
        if (!nth || *nth < 1 || *nth > 5)
          return problem(kWeekday, fmt::format("`{}` must have a number from 1 to 5 behind the #", item));
        cron_.nth_weekdays_[*nth - 1] |= folded_week(1ULL << day);
      } else {
        FLOWSTONE_TRY(const std::uint64_t values, read_item(kWeekday, item));
        cron_.weekdays_ |= folded_week(values);
      }
    }
    return {};
  }

  Cron cron_;
};

Result<Cron, CronProblem> Cron::parse(std::string_view text) { return CronReader().read(text); }

}  // namespace flowstone::calendar
