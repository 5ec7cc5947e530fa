#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "jsonata/failure.hpp"
#include "jsonata/picture_time.hpp"
#include "jsonata/unicode.hpp"

namespace flowstone::jsonata {
namespace {

// Monday is 1, Sunday is 7.
int weekday_of(std::int64_t days) { return static_cast<int>(((days + 3) % 7 + 7) % 7) + 1; }

class TimeWriter {
 public:
  TimeWriter(double millis, int zone) : time_(civil_of(millis + zone * 60'000.0)), zone_(zone) {
    days_ = days_of(time_.year, time_.month, time_.day);
    // A week belongs to the year and the month that its Thursday is in.
    const std::int64_t thursday = days_ - weekday_of(days_) + 4;
    week_ = civil_of(static_cast<double>(thursday) * 86'400'000.0);
    week_of_year_ = (thursday - days_of(week_.year, 1, 1)) / 7 + 1;
  }

  std::string write(const TimePart& part) const {
    switch (part.component) {
      case 0:
        return part.literal;
      case 'P':
        return cased(time_.hour >= 12 ? "pm" : "am", part);
      case 'C':
      case 'E':
        return "ISO";
      case 'Z':
      case 'z':
        return write_zone(part);
      default:
        return part.names ? write_name(part) : write_number(part);
    }
  }

 private:
  [[nodiscard]] std::int64_t number_of(char component) const {
    switch (component) {
      case 'Y':
        return time_.year;
      case 'M':
        return time_.month;
      case 'D':
        return time_.day;
      case 'd':
        return days_ - days_of(time_.year, 1, 1) + 1;
      case 'F':
        return weekday_of(days_);
      case 'W':
        return week_of_year_;
      case 'w':
        return (week_.day - 1) / 7 + 1;
      case 'X':
        return week_.year;
      case 'x':
        return week_.month;
      case 'H':
        return time_.hour;
      case 'h':
        return time_.hour % 12 == 0 ? 12 : time_.hour % 12;
      case 'm':
        return time_.minute;
      case 's':
        return time_.second;
      default:
        return time_.millisecond;
    }
  }

  static std::string cased(std::string text, const TimePart& part) {
    if (part.letter_case == LetterCase::lower) return to_lower(text);
    return part.letter_case == LetterCase::upper ? to_upper(text) : text;
  }

  [[nodiscard]] std::string write_name(const TimePart& part) const {
    const auto* names = names_of(part.component);
    if (names == nullptr) fail("D3133", {.value = Value::string(std::string(1, part.component))});
    const std::string& name = (*names)[static_cast<std::size_t>(number_of(part.component)) - 1];
    return cased(part.max_width ? name.substr(0, *part.max_width) : name, part);
  }

  [[nodiscard]] std::string write_number(const TimePart& part) const {
    auto number = static_cast<double>(number_of(part.component));
    IntegerPicture picture = part.integer;
    if (part.component == 'Y' && part.integer.style == IntegerPicture::Style::decimal) {
      const std::size_t digits = part.integer.mandatory + part.integer.optional;
      const std::size_t kept = part.max_width ? *part.max_width : digits >= 2 ? digits : 0;
      if (part.max_width) picture.mandatory = std::min(picture.mandatory, kept);
      if (kept > 0 && kept < 16) number = std::fmod(number, std::pow(10.0, static_cast<double>(kept)));
    }
    return format_integer(number, picture);
  }

  [[nodiscard]] std::string write_zone(const TimePart& part) const {
    if (zone_ == 0 && part.zulu) return "Z";
    const int away = std::abs(zone_);
    const int hours = away / 60;
    const int together = hours * 100 + away % 60;
    std::string text;
    if (part.integer.regular > 0) {
      text = format_integer(together, part.integer);
    } else if (part.integer.mandatory <= 2) {
      text = format_integer(hours, part.integer);
      if (away % 60 != 0) text += fmt::format(":{:02}", away % 60);
    } else if (part.integer.mandatory <= 4) {
      text = format_integer(together, part.integer);
    } else {
      fail("D3134", {.value = Value::number(static_cast<double>(part.integer.mandatory))});
    }
    return (part.component == 'z' ? "GMT" : "") + std::string(zone_ < 0 ? "-" : "+") + text;
  }

  CivilTime time_;
  int zone_;
  std::int64_t days_;
  CivilTime week_;
  std::int64_t week_of_year_;
};

}  // namespace

std::string format_time(double millis, const std::vector<TimePart>& picture, int zone_minutes) {
  const TimeWriter writer(millis, zone_minutes);
  std::string text;
  for (const auto& part : picture) text += writer.write(part);
  return text;
}

}  // namespace flowstone::jsonata
