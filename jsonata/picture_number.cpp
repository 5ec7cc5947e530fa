#include "jsonata/picture_number.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include "jsonata/failure.hpp"
#include "jsonata/number_text.hpp"
#include "jsonata/picture_integer.hpp"
#include "jsonata/unicode.hpp"

namespace flowstone::jsonata {
namespace {

constexpr std::size_t kMaxPlaces = 300;  // of a fraction

// One sub-picture, understood.
struct Pattern {
  std::u32string prefix, suffix;
  std::size_t min_whole = 0, scale = 0, min_fraction = 0, max_fraction = 0, min_exponent = 0;
  std::vector<std::size_t> whole_groups, fraction_groups;  // digits right of, left of each separator
  std::size_t regular_group = 0;
  bool has_exponent = false, percent = false, per_mille = false;
};

class PatternReader {
 public:
  PatternReader(std::u32string_view picture, const DecimalFormat& format) : picture_(picture), format_(format) {}

  Pattern read() {
    cut();
    check();
    measure();
    return std::move(pattern_);
  }

 private:
  [[nodiscard]] bool is_digit(char32_t c) const { return c >= format_.zero_digit[0] && c < format_.zero_digit[0] + 10; }
  [[nodiscard]] bool is_optional(char32_t c) const { return c == format_.digit[0]; }
  [[nodiscard]] bool is_place(char32_t c) const { return is_digit(c) || is_optional(c); }
  [[nodiscard]] bool is_group(char32_t c) const { return c == format_.grouping_separator[0]; }
  [[nodiscard]] bool is_point(char32_t c) const { return c == format_.decimal_separator[0]; }
  [[nodiscard]] bool is_exponent(char32_t c) const { return c == format_.exponent_separator[0]; }
  [[nodiscard]] bool is_active(char32_t c) const { return is_place(c) || is_group(c) || is_point(c); }

  static std::size_t count(std::u32string_view text, std::u32string_view part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::u32string_view::npos; at = text.find(part, at + part.size())) ++found;
    return found;
  }

  void cut() {
    const auto active = [this](char32_t c) { return is_active(c); };
    const auto first = std::ranges::find_if(picture_, active);
    if (first == picture_.end()) fail(picture_.empty() ? "D3085" : "D3086");
    const auto last = std::find_if(picture_.rbegin(), picture_.rend(), active).base();
    pattern_.prefix.assign(picture_.begin(), first);
    pattern_.suffix.assign(last, picture_.end());
    active_ = std::u32string_view(&*first, static_cast<std::size_t>(last - first));
    mantissa_ = active_;
    const auto exponent = std::ranges::find_if(active_, [this](char32_t c) { return is_exponent(c); });
    if (exponent != active_.end()) {
      pattern_.has_exponent = true;
      const auto at = static_cast<std::size_t>(exponent - active_.begin());
      mantissa_ = active_.substr(0, at);
      exponent_ = active_.substr(at + 1);
    }
    const auto point = std::ranges::find_if(mantissa_, [this](char32_t c) { return is_point(c); });
    const auto at = static_cast<std::size_t>(point - mantissa_.begin());
    whole_ = mantissa_.substr(0, at);
    if (point != mantissa_.end()) fraction_ = mantissa_.substr(at + 1);
    pattern_.percent = count(picture_, format_.percent) > 0;
    pattern_.per_mille = count(picture_, format_.per_mille) > 0;
  }

  void check() const {
    if (count(picture_, format_.decimal_separator) > 1) fail("D3081");
    if (count(picture_, format_.percent) > 1) fail("D3082");
    if (count(picture_, format_.per_mille) > 1) fail("D3083");
    if (pattern_.percent && pattern_.per_mille) fail("D3084");
    if (std::ranges::none_of(mantissa_, [this](char32_t c) { return is_place(c); })) fail("D3085");
    if (!std::ranges::all_of(active_, [this](char32_t c) { return is_active(c) || is_exponent(c); })) fail("D3086");
    check_groups();
    check_order();
    if (!pattern_.has_exponent) return;
    if (pattern_.percent || pattern_.per_mille) fail("D3092");
    if (exponent_.empty() || !std::ranges::all_of(exponent_, [this](char32_t c) { return is_digit(c); })) fail("D3093");
  }

  void check_groups() const {
    const bool has_point = mantissa_.size() > whole_.size();
    if (has_point && ((!whole_.empty() && is_group(whole_.back())) || (!fraction_.empty() && is_group(fraction_[0]))))
      fail("D3087");
    if (!whole_.empty() && is_group(whole_.back())) fail("D3088");
    for (std::size_t at = 1; at < mantissa_.size(); ++at) {
      if (is_group(mantissa_[at - 1]) && is_group(mantissa_[at])) fail("D3089");
    }
  }

  void check_order() const {
    bool mandatory = false;
    for (const char32_t c : whole_) {
      mandatory = mandatory || is_digit(c);
      if (mandatory && is_optional(c)) fail("D3090");
    }
    bool optional = false;
    for (const char32_t c : fraction_) {
      optional = optional || is_optional(c);
      if (optional && is_digit(c)) fail("D3091");
    }
  }

  void measure() {
    const auto digits = [this](std::u32string_view part) {
      return static_cast<std::size_t>(std::ranges::count_if(part, [this](char32_t c) { return is_digit(c); }));
    };
    const auto places = [this](std::u32string_view part) {
      return static_cast<std::size_t>(std::ranges::count_if(part, [this](char32_t c) { return is_place(c); }));
    };
    for (std::size_t at = whole_.size(); at-- > 0;) {
      if (is_group(whole_[at])) pattern_.whole_groups.push_back(places(whole_.substr(at)));
    }
    for (std::size_t at = 0; at < fraction_.size(); ++at) {
      if (is_group(fraction_[at])) pattern_.fraction_groups.push_back(places(fraction_.substr(0, at)));
    }
    pattern_.scale = pattern_.min_whole = digits(whole_);
    pattern_.min_fraction = digits(fraction_);
    pattern_.max_fraction = std::min(places(fraction_), kMaxPlaces);
    if (pattern_.min_whole == 0 && pattern_.max_fraction == 0) {
      if (pattern_.has_exponent) {
        pattern_.min_fraction = pattern_.max_fraction = 1;
      } else {
        pattern_.min_whole = 1;
      }
    }
    if (pattern_.has_exponent && pattern_.min_whole == 0 && places(whole_) > 0) pattern_.min_whole = 1;
    if (pattern_.min_whole == 0 && pattern_.min_fraction == 0) pattern_.min_fraction = 1;
    pattern_.min_fraction = std::min(pattern_.min_fraction, kMaxPlaces);
    pattern_.max_fraction = std::max(pattern_.max_fraction, pattern_.min_fraction);
    pattern_.min_exponent = exponent_.size();
    find_regularity();
  }

  void find_regularity() {
    const auto& groups = pattern_.whole_groups;
    std::size_t distance = 0;
    for (const std::size_t group : groups) distance = std::gcd(distance, group);
    for (std::size_t at = 0; at < groups.size(); ++at) {
      if (groups[at] != (at + 1) * distance) return;
    }
    pattern_.regular_group = distance;
  }

  std::u32string_view picture_;
  const DecimalFormat& format_;
  Pattern pattern_;
  std::u32string_view active_, mantissa_, exponent_, whole_, fraction_;
};

double rounded(double number, std::size_t places) {
  const int moved = static_cast<int>(places);
  const double scaled = shifted(number, moved);
  if (!std::isfinite(scaled) || std::abs(scaled) >= 9007199254740992.0) return number;
  return shifted(std::nearbyint(scaled), -moved);
}

class NumberWriter {
 public:
  NumberWriter(const Pattern& pattern, const DecimalFormat& format) : pattern_(pattern), format_(format) {}

  std::u32string write(double number) {
    int exponent = 0;
    if (pattern_.has_exponent && number != 0) {
      exponent = static_cast<int>(std::floor(std::log10(number))) + 1 - static_cast<int>(pattern_.scale);
      number = shifted(number, -exponent);
      const double limit = std::pow(10.0, static_cast<double>(pattern_.scale));
      if (rounded(number, pattern_.max_fraction) >= limit) number = shifted(number, -1), ++exponent;
    }
    const std::string text = fmt::format("{:.{}f}", rounded(number, pattern_.max_fraction), pattern_.max_fraction);
    const auto point = std::min(text.find('.'), text.size());
    std::u32string result = whole(text.substr(0, point));
    const std::u32string behind = fraction(point < text.size() ? text.substr(point + 1) : "");
    if (!behind.empty()) result += format_.decimal_separator + behind;
    if (pattern_.has_exponent) {
      result += format_.exponent_separator;
      if (exponent < 0) result += format_.minus_sign;
      result += own_digits(fmt::format("{:0{}}", std::abs(exponent), pattern_.min_exponent));
    }
    return result;
  }

 private:
  [[nodiscard]] std::u32string own_digits(std::string_view digits) const {
    std::u32string own;
    for (const char c : digits) own.push_back(format_.zero_digit[0] + static_cast<char32_t>(c - '0'));
    return own;
  }

  [[nodiscard]] std::u32string whole(std::string digits) const {
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
    if (digits.size() < pattern_.min_whole) digits.insert(0, pattern_.min_whole - digits.size(), '0');
    std::u32string own = own_digits(digits);
    const auto separate = [&](std::size_t from_right) {
      if (from_right < own.size()) own.insert(own.size() - from_right, format_.grouping_separator);
    };
    if (pattern_.regular_group > 0 && !own.empty()) {
      for (std::size_t at = (own.size() - 1) / pattern_.regular_group; at > 0; --at)
        separate(at * pattern_.regular_group);
    } else {
      for (auto group = pattern_.whole_groups.rbegin(); group != pattern_.whole_groups.rend(); ++group)
        separate(*group);
    }
    return own;
  }

  [[nodiscard]] std::u32string fraction(std::string digits) const {
    while (digits.size() > pattern_.min_fraction && digits.ends_with('0')) digits.pop_back();
    std::u32string own = own_digits(digits);
    for (auto group = pattern_.fraction_groups.rbegin(); group != pattern_.fraction_groups.rend(); ++group) {
      if (*group < own.size()) own.insert(*group, format_.grouping_separator);
    }
    return own;
  }

  const Pattern& pattern_;
  const DecimalFormat& format_;
};

}  // namespace

void DecimalFormat::set(std::string_view name, const Value& value) {
  static const std::map<std::string_view, std::u32string DecimalFormat::*> kNames{
      {"decimal-separator", &DecimalFormat::decimal_separator},
      {"grouping-separator", &DecimalFormat::grouping_separator},
      {"exponent-separator", &DecimalFormat::exponent_separator},
      {"minus-sign", &DecimalFormat::minus_sign},
      {"percent", &DecimalFormat::percent},
      {"per-mille", &DecimalFormat::per_mille},
      {"zero-digit", &DecimalFormat::zero_digit},
      {"digit", &DecimalFormat::digit},
      {"pattern-separator", &DecimalFormat::pattern_separator},
      {"infinity", &DecimalFormat::infinity},
      {"NaN", &DecimalFormat::not_a_number}};
  const auto found = kNames.find(name);
  if (found == kNames.end() || !value.is_string() || value.text().empty()) return;
  this->*found->second = to_code_points(value.text());
}

std::string format_number(double number, std::string_view picture, const DecimalFormat& format) {
  if (picture.size() > kMaxPictureBytes) fail("D3086");
  const std::u32string whole = to_code_points(picture);
  std::u32string_view positive = whole;
  std::u32string_view negative;
  if (const auto at = whole.find(format.pattern_separator); at != std::u32string::npos) {
    positive = std::u32string_view(whole).substr(0, at);
    negative = std::u32string_view(whole).substr(at + format.pattern_separator.size());
    if (negative.find(format.pattern_separator) != std::u32string_view::npos) fail("D3080");
  }
  Pattern pattern = PatternReader(positive, format).read();
  if (!negative.empty()) {
    Pattern other = PatternReader(negative, format).read();
    if (number < 0) pattern = std::move(other);
  } else if (number < 0) {
    pattern.prefix = format.minus_sign + pattern.prefix;
  }
  if (std::isnan(number)) return to_utf8(format.not_a_number);
  double adjusted = std::abs(number);
  if (pattern.percent) adjusted = shifted(adjusted, 2);
  if (pattern.per_mille) adjusted = shifted(adjusted, 3);
  const std::u32string text = std::isinf(adjusted) ? format.infinity : NumberWriter(pattern, format).write(adjusted);
  return to_utf8(pattern.prefix + text + pattern.suffix);
}

}  // namespace flowstone::jsonata
