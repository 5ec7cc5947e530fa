#include "jsonata/picture_time.hpp"

#include <charconv>
#include <cmath>

#include "jsonata/failure.hpp"
#include "jsonata/unicode.hpp"

namespace flowstone::jsonata {
namespace {

constexpr std::string_view kComponents = "YMDdFWwXxHhPmsfZzCE";
constexpr std::string_view kNumeric = "YMDdFWwXxHhmsf";

std::string_view default_presentation(char component) {
  switch (component) {
    case 'F':
    case 'P':
    case 'C':
    case 'E':
      return "n";
    case 'm':
    case 's':
      return "01";
    case 'Z':
    case 'z':
      return "01:01";
    default:
      return "1";
  }
}

std::optional<std::size_t> width_of(std::string_view text) {
  std::size_t width = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), width);
  if (failed != std::errc() || width > 300) return std::nullopt;
  return width;
}

std::string without_space(std::string_view text) {
  std::string kept;
  for (const char c : text) {
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') kept.push_back(c);
  }
  return kept;
}

void read_presentation(TimePart& part, std::string presentation) {
  if (presentation.size() > 1 && std::string_view("atco").find(presentation.back()) != std::string_view::npos) {
    part.integer.ordinal = presentation.back() == 'o';
    part.zulu = presentation.back() == 't';
    presentation.pop_back();
  }
  const bool ordinal = part.integer.ordinal;
  const bool is_zone = part.component == 'Z' || part.component == 'z';
  if (!is_zone && (presentation[0] == 'N' || presentation[0] == 'n')) {
    part.names = true;
    part.letter_case = presentation[0] == 'n'           ? LetterCase::lower
                       : presentation.starts_with("Nn") ? LetterCase::title
                                                        : LetterCase::upper;
    return;
  }
  if (!is_zone && kNumeric.find(part.component) == std::string_view::npos) return;
  part.integer = IntegerPicture::parse(presentation);
  part.integer.ordinal = ordinal;
  if (part.min_width && part.integer.mandatory < *part.min_width) part.integer.mandatory = *part.min_width;
}

TimePart read_marker(std::string_view marker) {
  std::string text = without_space(marker);
  TimePart part;
  part.component = text.empty() ? '?' : text[0];
  if (kComponents.find(part.component) == std::string_view::npos)
    fail("D3132", {.value = Value::string(text.substr(0, 1))});
  text.erase(0, 1);
  if (const auto comma = text.rfind(','); comma != std::string::npos) {
    const std::string width = text.substr(comma + 1);
    const auto dash = width.find('-');
    part.min_width = width_of(width.substr(0, dash));
    if (dash != std::string::npos) part.max_width = width_of(width.substr(dash + 1));
    text.resize(comma);
  }
  read_presentation(part, text.empty() ? std::string(default_presentation(part.component)) : text);
  return part;
}

bool is_decimal(const TimePart& part) {
  return kNumeric.find(part.component) != std::string_view::npos && part.component != 0 && !part.names &&
         part.integer.style == IntegerPicture::Style::decimal;
}

}  // namespace

const std::vector<std::string>* names_of(char component) {
  static const std::vector<std::string> kMonths{"January", "February", "March",     "April",   "May",      "June",
                                                "July",    "August",   "September", "October", "November", "December"};
  static const std::vector<std::string> kDays{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                              "Friday", "Saturday", "Sunday"};
  if (component == 'M' || component == 'x') return &kMonths;
  return component == 'F' ? &kDays : nullptr;
}

std::vector<TimePart> parse_time_picture(std::string_view picture) {
  if (picture.size() > kMaxPictureBytes) fail("D3135");
  std::vector<TimePart> parts;
  std::string literal;
  const auto end_literal = [&] {
    if (!literal.empty()) {
      TimePart part;
      part.literal = std::exchange(literal, {});
      parts.push_back(std::move(part));
    }
  };
  for (std::size_t at = 0; at < picture.size(); ++at) {
    const auto rest = picture.substr(at);
    if (rest.starts_with("[[") || rest.starts_with("]]")) {
      literal.push_back(picture[at++]);
    } else if (picture[at] != '[') {
      literal.push_back(picture[at]);
    } else {
      const auto end = picture.find(']', at);
      if (end == std::string_view::npos) fail("D3135");
      end_literal();
      parts.push_back(read_marker(picture.substr(at + 1, end - at - 1)));
      at = end;
    }
  }
  end_literal();
  for (std::size_t at = 1; at < parts.size(); ++at)
    parts[at - 1].followed_by_digits = is_decimal(parts[at - 1]) && is_decimal(parts[at]);
  return parts;
}

int zone_of(std::string_view text) {
  if (text == "Z" || text.empty()) return 0;
  const bool signed_text = text[0] == '-' || text[0] == '+';
  std::string digits;
  for (const char c : text.substr(signed_text ? 1 : 0)) {
    if (c == ':' && !digits.empty() && digits.size() <= 2) continue;
    if (c < '0' || c > '9') fail("D3134", {.value = Value::string(std::string(text))});
    digits.push_back(c);
  }
  if (digits.empty() || digits.size() > 4) fail("D3134", {.value = Value::string(std::string(text))});
  const int number = std::stoi(digits);
  const bool hours_only = digits.size() <= 2 && text.find(':') == std::string_view::npos && signed_text;
  const int minutes = hours_only ? number * 60 : number / 100 * 60 + number % 100;
  return text[0] == '-' ? -minutes : minutes;
}

std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) {
  // Months beyond the year go into other years; a year begins in March, so that leap days end it.
  const auto floor_divided = [](std::int64_t a, std::int64_t b) { return (a >= 0 ? a : a - b + 1) / b; };
  year += floor_divided(month - 1, 12);
  month = month - 1 - 12 * floor_divided(month - 1, 12) + 1;
  if (month <= 2) --year;
  const std::int64_t era = floor_divided(year, 400);
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468 + day - 1;
}

CivilTime civil_of(double millis) {
  constexpr std::int64_t kDay = 86'400'000;
  const auto total = static_cast<std::int64_t>(std::floor(millis));
  const std::int64_t days = (total >= 0 ? total : total - kDay + 1) / kDay;
  auto rest = static_cast<int>(total - days * kDay);
  const std::int64_t shifted_days = days + 719'468;
  const std::int64_t era = (shifted_days >= 0 ? shifted_days : shifted_days - 146'096) / 146'097;
  const std::int64_t day_of_era = shifted_days - era * 146'097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month = (5 * day_of_year + 2) / 153;
  CivilTime time;
  time.month = static_cast<int>(month < 10 ? month + 3 : month - 9);
  time.day = static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1);
  time.year = year_of_era + era * 400 + (time.month <= 2 ? 1 : 0);
  time.millisecond = rest % 1000;
  time.second = (rest /= 1000) % 60;
  time.minute = (rest /= 60) % 60;
  time.hour = rest / 60;
  return time;
}

}  // namespace flowstone::jsonata
