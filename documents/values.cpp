#include "documents/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <re2/re2.h>

#include <fmt/format.h>

#include "documents/normalise.hpp"

namespace flowstone::documents {
namespace {

constexpr const char* kMonths =
    "(January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|"
    "Aug|Sept|Sep|Oct|Nov|Dec)";
constexpr const char* kNumber = R"((\d{1,3}(?:[,.' \x{a0}\x{202f}]\d{3})+(?:[.,]\d{1,4})?|\d+(?:[.,]\d+)?))";
constexpr const char* kCodes =
    "EUR|USD|GBP|CHF|JPY|CNY|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|INR|BRL|MXN|ZAR|SGD|HKD|KRW|TRY";
constexpr const char* kSymbols = "US\\$|\\$|\\x{20ac}|\\x{a3}|\\x{a5}";
constexpr const char* kScales = R"((?:\s?(thousand|million|billion|k|m|bn)\b)?)";

// One pattern for all values, so that the text is read once. Groups are told by what they begin with.
enum Group : std::uint8_t {
  iso_year,
  iso_month,
  iso_day,
  day_first,
  month_second,
  year_third,
  month_first,
  day_second,
  year_last,
  currency_before,
  number_behind,
  scale_behind,
  number_before,
  scale_before,
  currency_behind,
  percentage,
  email,
  group_count
};

const re2::RE2& pattern() {
  static const re2::RE2 kPattern(fmt::format(
      R"((?:\b(\d{{4}})-(\d{{2}})-(\d{{2}})\b|\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+|day\s+of\s+)?{months}\.?,?\s+(\d{{4}})\b)"
      R"(|\b{months}\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})\b)"
      R"(|(\b(?:{codes})|{symbols})\s?{number}{scales}|\b{number}{scales}\s?((?:{codes})\b|{symbols}))"
      R"(|{number}\s?(?:%|percent\b|per\s+cent\b)|([A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{{2,}})))",
      fmt::arg("months", kMonths), fmt::arg("codes", kCodes), fmt::arg("symbols", kSymbols),
      fmt::arg("number", kNumber), fmt::arg("scales", kScales)));
  return kPattern;
}

unsigned number_of(std::string_view digits) {
  unsigned value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::optional<std::string> date_of(unsigned year, unsigned month, unsigned day) {
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok() || year == 0) return std::nullopt;
  return fmt::format("{:04}-{:02}-{:02}", year, month, day);
}

unsigned month_of(std::string_view name) {
  constexpr std::array<std::string_view, 12> kNames{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto* const found = std::ranges::find(kNames, name.substr(0, 3));
  return static_cast<unsigned>(found - kNames.begin()) + 1;
}

std::string_view currency_of(std::string_view written) {
  if (written == "$" || written == "US$") return "USD";
  if (written == "\u20ac") return "EUR";
  if (written == "\u00a3") return "GBP";
  if (written == "\u00a5") return "JPY";
  return written;
}

std::string without_needless_zeros(std::string number) {
  if (number.find('.') != std::string::npos) {
    number.resize(number.find_last_not_of('0') + 1);
    if (number.ends_with('.')) number.pop_back();
  }
  const std::size_t first = number.find_first_not_of('0');
  if (first == std::string::npos) return "0";
  number.erase(0, first);
  return number.front() == '.' ? "0" + number : number;
}

// Moves the point of a plain number to the right.
std::string scaled(std::string number, std::size_t zeros) {
  const std::size_t point = std::min(number.find('.'), number.size());
  std::string fraction = point < number.size() ? number.substr(point + 1) : "";
  fraction.resize(std::max(fraction.size(), zeros), '0');
  return without_needless_zeros(number.substr(0, point) + fraction.substr(0, zeros) + "." + fraction.substr(zeros));
}

std::size_t zeros_of(std::string_view scale) {
  if (scale == "thousand" || scale == "k") return 3;
  if (scale == "million" || scale == "m") return 6;
  return scale.empty() ? 0 : 9;
}

std::optional<FoundValue> value_of(const std::array<re2::StringPiece, group_count + 1>& groups) {
  const auto group = [&](Group which) { return std::string_view(groups[which + 1].data(), groups[which + 1].size()); };
  const auto date = [](std::optional<std::string> normalised) -> std::optional<FoundValue> {
    if (!normalised) return std::nullopt;
    return FoundValue{ValueType::date, 0, 0, *std::move(normalised)};
  };
  if (!group(iso_year).empty())
    return date(date_of(number_of(group(iso_year)), number_of(group(iso_month)), number_of(group(iso_day))));
  if (!group(day_first).empty())
    return date(date_of(number_of(group(year_third)), month_of(group(month_second)), number_of(group(day_first))));
  if (!group(month_first).empty())
    return date(date_of(number_of(group(year_last)), month_of(group(month_first)), number_of(group(day_second))));
  if (!group(email).empty()) {
    std::string address(group(email));
    std::ranges::transform(address, address.begin(),
                           [](char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte; });
    return FoundValue{ValueType::email, 0, 0, std::move(address)};
  }
  if (!group(percentage).empty()) {
    auto number = plain_number(group(percentage));
    return number ? std::optional(FoundValue{ValueType::percent, 0, 0, *std::move(number)}) : std::nullopt;
  }
  const bool before = !group(currency_before).empty();
  const auto number = plain_number(before ? group(number_behind) : group(number_before));
  if (!number) return std::nullopt;
  const std::string_view currency = currency_of(before ? group(currency_before) : group(currency_behind));
  const std::size_t zeros = zeros_of(before ? group(scale_behind) : group(scale_before));
  return FoundValue{ValueType::amount, 0, 0, fmt::format("{} {}", currency, scaled(*number, zeros))};
}

}  // namespace

std::vector<FoundValue> find_values(std::string_view text) {
  std::vector<FoundValue> found;
  std::array<re2::StringPiece, group_count + 1> groups;
  const re2::StringPiece whole(text.data(), text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (!pattern().Match(whole, at, text.size(), re2::RE2::UNANCHORED, groups.data(), groups.size())) break;
    const auto begin = static_cast<std::size_t>(groups[0].data() - text.data());
    const std::size_t end = begin + groups[0].size();
    // A number that goes on to the left is part of something else: "1.2.3 %".
    const bool inside = begin > 0 && (text[begin - 1] == '.' || text[begin - 1] == ',') && begin > 1 &&
                        text[begin - 2] >= '0' && text[begin - 2] <= '9';
    if (auto value = inside ? std::nullopt : value_of(groups)) {
      value->begin = begin;
      value->end = end;
      found.push_back(*std::move(value));
    }
    at = std::max(end, at + 1);
  }
  return found;
}

std::optional<std::string> plain_number(std::string_view written) {
  const bool negative = written.starts_with('-');
  if (negative || written.starts_with('+')) written.remove_prefix(1);
  if (written.empty()) return std::nullopt;
  // The last separator is the decimal point, unless it stands before exactly three digits and is a comma or not alone.
  const std::size_t last = written.find_last_of(".,");
  bool decimal = last != std::string_view::npos;
  if (decimal && written.size() - last == 4) {
    const bool alone = written.find_first_of(".,") == last;
    decimal = (written[last] == '.' && alone) || (!alone && written.find(written[last]) == last);
  }
  std::string digits;
  for (std::size_t at = 0; at < written.size(); ++at) {
    if (written[at] >= '0' && written[at] <= '9') {
      digits += written[at];
    } else if (decimal && at == last) {
      digits += '.';
    } else if (std::string_view(".,' \xc2\xa0\xe2\x80\xaf").find(written[at]) == std::string_view::npos) {
      return std::nullopt;
    }
  }
  if (digits.empty() || digits == ".") return std::nullopt;
  digits = without_needless_zeros(std::move(digits));
  return negative && digits != "0" ? "-" + digits : digits;
}

std::optional<std::string> normalise_value(std::string_view written, ValueType type) {
  const std::size_t first = written.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return std::nullopt;
  written = written.substr(first, written.find_last_not_of(" \t\n") - first + 1);
  switch (type) {
    case ValueType::text:
      return canonical_block(written).utf8;
    case ValueType::number:
      return plain_number(written);
    case ValueType::link:
      return written.find_first_of(" \t\n") == std::string_view::npos ? std::optional(std::string(written))
                                                                      : std::nullopt;
    case ValueType::date:
    case ValueType::amount:
    case ValueType::percent:
    case ValueType::email:
      break;
  }
  for (auto& value : find_values(written)) {
    if (value.type == type && value.begin == 0 && value.end == written.size()) return std::move(value.normalised);
  }
  return std::nullopt;
}

}  // namespace flowstone::documents
