#include "jsonata/number_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include <fmt/format.h>

namespace flowstone::jsonata {
namespace {

struct Decimal {
  std::string digits;  // no leading or trailing zeros
  int point = 0;       // value = 0.digits * 10^point
};

Decimal shortest(double positive) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), positive, std::chars_format::scientific);
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end.ptr - buffer.data()));
  const auto e = text.find('e');
  Decimal decimal;
  for (const char c : text.substr(0, e)) {
    if (c != '.') decimal.digits.push_back(c);
  }
  while (decimal.digits.size() > 1 && decimal.digits.back() == '0') decimal.digits.pop_back();
  int exponent = 0;
  const char* first = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(first, text.data() + text.size(), exponent);
  decimal.point = exponent + 1;
  return decimal;
}

std::string plain(const Decimal& decimal) {
  const auto count = static_cast<int>(decimal.digits.size());
  const auto zeros = [](int n) { return std::string(static_cast<std::size_t>(n), '0'); };
  if (decimal.point >= count) return decimal.digits + zeros(decimal.point - count);
  if (decimal.point > 0)
    return decimal.digits.substr(0, static_cast<std::size_t>(decimal.point)) + "." +
           decimal.digits.substr(static_cast<std::size_t>(decimal.point));
  return "0." + zeros(-decimal.point) + decimal.digits;
}

}  // namespace

std::string number_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  if (number == 0) return "0";
  const std::string sign = number < 0 ? "-" : "";
  const Decimal decimal = shortest(std::abs(number));
  if (decimal.point > -6 && decimal.point <= 21) return sign + plain(decimal);
  std::string mantissa = decimal.digits.substr(0, 1);
  if (decimal.digits.size() > 1) mantissa += "." + decimal.digits.substr(1);
  return fmt::format("{}{}e{:+}", sign, mantissa, decimal.point - 1);
}

double to_precision_15(double number) {
  if (!std::isfinite(number) || number == std::trunc(number)) return number;
  return parse_decimal(fmt::format("{:.14e}", number)).value_or(number);
}

std::optional<double> parse_decimal(std::string_view text) {
  double number = 0;
  const char* first = text.data();
  const char* last = first + text.size();
  const auto [end, failed] = std::from_chars(first, last, number);
  if (failed == std::errc::result_out_of_range && end == last) {
    // Too small is zero, too large is no number.
    const auto e = text.find_first_of("eE");
    if (e != std::string_view::npos && e + 1 < text.size() && text[e + 1] == '-') return 0.0;
    return std::nullopt;
  }
  if (failed != std::errc() || end != last || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::string whole_in_base(double number, unsigned base) {
  const bool negative = number < 0;
  int exponent = 0;
  const double fraction = std::frexp(std::abs(number), &exponent);
  auto mantissa = static_cast<std::uint64_t>(std::ldexp(fraction, 53));
  int shift = exponent - 53;
  if (shift < 0) mantissa = -shift < 64 ? mantissa >> static_cast<unsigned>(-shift) : 0;
  // Little-endian limbs of the exact integer.
  std::vector<std::uint32_t> limbs(static_cast<std::size_t>(std::max(shift, 0) / 32), 0U);
  const auto low = static_cast<unsigned>(std::max(shift, 0) % 32);
  const unsigned __int128 wide = static_cast<unsigned __int128>(mantissa) << low;
  for (unsigned at = 0; at < 96; at += 32) limbs.push_back(static_cast<std::uint32_t>(wide >> at));
  std::string reversed;
  while (std::ranges::any_of(limbs, [](std::uint32_t limb) { return limb != 0; })) {
    std::uint64_t rest = 0;
    for (auto limb = limbs.rbegin(); limb != limbs.rend(); ++limb) {
      const std::uint64_t current = (rest << 32U) | *limb;
      *limb = static_cast<std::uint32_t>(current / base);
      rest = current % base;
    }
    reversed.push_back("0123456789abcdefghijklmnopqrstuvwxyz"[rest]);
  }
  if (reversed.empty()) return "0";
  if (negative) reversed.push_back('-');
  std::ranges::reverse(reversed);
  return reversed;
}

double shifted(double number, int places) {
  if (number == 0 || !std::isfinite(number)) return number;
  const Decimal decimal = shortest(std::abs(number));
  const double moved = parse_decimal(fmt::format("0.{}e{}", decimal.digits, decimal.point + places)).value_or(number);
  return number < 0 ? -moved : moved;
}

}  // namespace flowstone::jsonata
