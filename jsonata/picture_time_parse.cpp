#include <algorithm>
#include <cmath>
#include <map>
#include <re2/re2.h>

#include <fmt/format.h>

#include "jsonata/failure.hpp"
#include "jsonata/number_text.hpp"
#include "jsonata/picture_time.hpp"
#include "jsonata/unicode.hpp"

namespace flowstone::jsonata {
namespace {

constexpr std::size_t kMaxMarkers = 100;
using Components = std::map<char, double>;

std::string pattern_of_zone(const TimePart& part) {
  const std::string digits =
      part.integer.regular > 0
          ? "[0-9]+" + re2::RE2::QuoteMeta(to_utf8(std::u32string(1, part.integer.separators[0].second))) + "[0-9]+"
          : "[0-9]+";
  const std::string zone = (part.component == 'z' ? "GMT" : "") + std::string("[-+]") + digits;
  return part.zulu ? "(?:Z|" + zone + ")" : zone;
}

std::string pattern_of_decimal(const TimePart& part) {
  const auto& integer = part.integer;
  std::string characters = fmt::format("\\x{{{:x}}}-\\x{{{:x}}}", static_cast<unsigned>(integer.zero),
                                       static_cast<unsigned>(integer.zero + 9));
  for (const auto& [position, character] : integer.separators)
    characters += fmt::format("\\x{{{:x}}}", static_cast<unsigned>(character));
  std::string count = "+";
  if (part.followed_by_digits) {
    const std::size_t width = part.max_width.value_or(integer.mandatory);
    count = fmt::format("{{{}}}", std::clamp<std::size_t>(width, 1, 300));
  }
  return fmt::format("[{}]{}{}", characters, count, integer.ordinal ? "(?:st|nd|rd|th)" : "");
}

std::string pattern_of_words() {
  std::string pattern = "(?:and|[-, ]";
  for (const auto& word : words_of_numbers()) pattern += "|" + word;
  return pattern + ")+";
}

std::string pattern_of(const TimePart& part) {
  if (part.component == 0) return re2::RE2::QuoteMeta(part.literal);
  if (part.component == 'Z' || part.component == 'z') return "(" + pattern_of_zone(part) + ")";
  if (part.component == 'C' || part.component == 'E') return "([a-zA-Z]+)";
  if (part.names) {
    if (part.component != 'P' && names_of(part.component) == nullptr)
      fail("D3133", {.value = Value::string(std::string(1, part.component))});
    return "([a-zA-Z]+)";
  }
  switch (part.integer.style) {
    case IntegerPicture::Style::letters:
      return "([a-zA-Z]+)";
    case IntegerPicture::Style::roman:
      return "([mdclxviMDCLXVI]+)";
    case IntegerPicture::Style::words:
      return "(" + pattern_of_words() + ")";
    case IntegerPicture::Style::decimal:
      return "(" + pattern_of_decimal(part) + ")";
  }
  return {};
}

double value_of_name(std::string_view text, const TimePart& part) {
  const std::string wanted = to_lower(text);
  if (part.component == 'P') return wanted == "am" ? 0 : wanted == "pm" ? 1 : NAN;
  const auto& names = *names_of(part.component);
  for (std::size_t at = 0; at < names.size(); ++at) {
    const std::string name = to_lower(names[at]);
    if ((part.max_width ? name.substr(0, *part.max_width) : name) == wanted) return static_cast<double>(at + 1);
  }
  return NAN;
}

double value_of_zone(std::string_view text) {
  const auto from = text.find_first_of("+-");
  if (from == std::string_view::npos) return 0;
  std::string digits;
  for (const char c : text.substr(from)) {
    if ((c >= '0' && c <= '9') || c == '+' || c == '-') digits.push_back(c);
  }
  return digits.size() > 5 ? NAN : zone_of(digits);
}

double value_of(std::string_view text, const TimePart& part) {
  if (part.component == 'Z' || part.component == 'z') return value_of_zone(text);
  if (part.component == 'C' || part.component == 'E') return 0;
  if (part.names) return value_of_name(text, part);
  if (part.component == 'f' && part.integer.style == IntegerPicture::Style::decimal) {
    // Digits behind the point.
    const double value = parse_integer(text, part.integer);
    return std::floor(value * std::pow(10.0, 3.0 - static_cast<double>(count_code_points(text))));
  }
  return parse_integer(text, part.integer);
}

// The parts of a time in order, the open ones filled: before what is given from now, behind it with the least.
class Assembly {
 public:
  Assembly(const Components& given, double now) : given_(given), now_(civil_of(now)) {}

  double millis() {
    const bool weeks = given_.contains('X') || given_.contains('x') || given_.contains('W') || given_.contains('w');
    const bool by_day_of_year = given_.contains('d') && !given_.contains('M') && !given_.contains('D');
    if (weeks) fail("D3136");
    double year = next('Y', static_cast<double>(now_.year), 0);
    if (year >= 0 && year < 100) year += 1900;  // as ECMAScript's dates do
    double days = 0;
    if (by_day_of_year) {
      days = days_from(year, 1, next('d', 1, 1));
    } else {
      const double month = next('M', now_.month, 1);
      days = days_from(year, month, next('D', now_.day, 1));
    }
    const double hour = hours();
    const double minute = next('m', now_.minute, 0);
    const double second = next('s', now_.second, 0);
    const double fraction = next('f', now_.millisecond, 0);
    const auto zone = given_.contains('Z') ? given_.find('Z') : given_.find('z');
    const double offset = zone == given_.end() ? 0 : zone->second;
    return days * 86'400'000 + hour * 3'600'000 + (minute - offset) * 60'000 + second * 1000 + fraction;
  }

 private:
  static double days_from(double year, double month, double day) {
    constexpr double kMost = 1e6;
    if (!(std::abs(year) < kMost && std::abs(month) < kMost && std::abs(day) < 1e9)) return NAN;
    return static_cast<double>(
        days_of(static_cast<std::int64_t>(year), static_cast<std::int64_t>(month), static_cast<std::int64_t>(day)));
  }

  double hours() {
    if (!given_.contains('h') && !given_.contains('P')) return next('H', now_.hour, 0);
    const double hour = std::fmod(next(given_.contains('h') ? 'h' : 'H', 0, 0), 12);
    const auto half = given_.find('P');
    return half != given_.end() && half->second == 1 ? hour + 12 : hour;
  }

  double next(char component, double now, double least) {
    const auto found = given_.find(component);
    if (found == given_.end()) {
      ended_ = started_;
      return started_ ? least : now;
    }
    if (ended_) fail("D3136");
    started_ = true;
    return found->second;
  }

  const Components& given_;
  CivilTime now_;
  bool started_ = false, ended_ = false;
};

}  // namespace

std::optional<double> parse_time(std::string_view text, const std::vector<TimePart>& picture, double now_millis) {
  std::string pattern = "(?i)";
  std::vector<const TimePart*> markers;
  for (const auto& part : picture) {
    pattern += pattern_of(part);
    if (part.component != 0) markers.push_back(&part);
  }
  if (markers.size() > kMaxMarkers) fail("D3135");
  re2::RE2::Options options;
  options.set_log_errors(false);
  const re2::RE2 regex(pattern, options);
  std::vector<re2::StringPiece> groups(markers.size() + 1);
  const re2::StringPiece subject(text.data(), text.size());
  if (!regex.ok() ||
      !regex.Match(subject, 0, text.size(), re2::RE2::ANCHOR_BOTH, groups.data(), static_cast<int>(groups.size())))
    return std::nullopt;
  Components given;
  for (std::size_t at = 0; at < markers.size(); ++at) {
    const double value = value_of({groups[at + 1].data(), groups[at + 1].size()}, *markers[at]);
    if (!std::isfinite(value)) return std::nullopt;
    given[markers[at]->component] = value;
  }
  if (given.empty()) return std::nullopt;
  const double millis = Assembly(given, now_millis).millis();
  if (!(std::abs(millis) <= kMaxMillis)) return std::nullopt;
  return millis;
}

std::optional<double> parse_iso_time(std::string_view text) {
  static const re2::RE2 kIso(
      R"((\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?)?(Z|[-+]\d\d:?\d\d)?)");
  std::string year, month, day, hour, minute, second, fraction, zone;
  const re2::StringPiece subject(text.data(), text.size());
  if (!re2::RE2::FullMatch(subject, kIso, &year, &month, &day, &hour, &minute, &second, &fraction, &zone))
    return std::nullopt;
  const auto number = [](const std::string& digits, int otherwise) {
    return digits.empty() ? otherwise : std::stoi(digits);
  };
  const int m = number(month, 1);
  const int d = number(day, 1);
  const int h = number(hour, 0);
  if (m < 1 || m > 12 || d < 1 || d > 31 || h > 24 || number(minute, 0) > 59 || number(second, 0) > 59)
    return std::nullopt;
  fraction.resize(3, '0');
  const double seconds = h * 3600.0 + (number(minute, 0) - zone_of(zone)) * 60.0 + number(second, 0);
  return static_cast<double>(days_of(number(year, 1970), m, d)) * 86'400'000 + seconds * 1000 + std::stoi(fraction);
}

}  // namespace flowstone::jsonata
