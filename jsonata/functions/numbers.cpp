// Numbers: arithmetic, reading and writing.
#include <cmath>

#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/meter.hpp"
#include "jsonata/number_text.hpp"
#include "jsonata/picture_integer.hpp"
#include "jsonata/picture_number.hpp"

namespace flowstone::jsonata {
namespace {

// Whole numbers written as 0x.., 0o.., 0b..
std::optional<double> read_prefixed(std::string_view text) {
  if (text.size() < 3 || text[0] != '0') return std::nullopt;
  const char kind = static_cast<char>(text[1] | 0x20);
  const int base = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 0;
  if (base == 0) return std::nullopt;
  double number = 0;
  for (const char c : text.substr(2)) {
    const int digit = c >= '0' && c <= '9'                                ? c - '0'
                      : std::isxdigit(static_cast<unsigned char>(c)) != 0 ? (c | 0x20) - 'a' + 10
                                                                          : 99;
    if (digit >= base) return std::nullopt;
    number = number * base + digit;
  }
  return number;
}

// -12.5e3: digits on both sides of a point.
bool looks_decimal(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at > from;
  };
  if (text.starts_with('-')) ++at;
  if (!digits()) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

Value number(Call& call) {
  const Value& value = call[0];
  if (value.is_undefined() || value.is_number()) return value;
  if (value.is_boolean()) return Value::number(value.as_boolean() ? 1 : 0);
  if (value.is_string()) {
    auto read = read_prefixed(value.text());
    if (!read && looks_decimal(value.text())) read = parse_decimal(value.text());
    if (read && std::isfinite(*read)) return Value::number(*read);
  }
  fail("D3030", {.value = value, .index = 1});
}

template <double (*function)(double)>
Value computed(Call& call) {
  return call[0].is_undefined() ? Value() : Value::number(function(call[0].as_number()));
}

double absolute(double number) { return std::abs(number); }
double rounded_down(double number) { return std::floor(number); }
double rounded_up(double number) { return std::ceil(number); }

// To the nearest whole number, halves to the even one.
double half_to_even(double number) {
  const double down = std::floor(number);
  const double above = number - down;
  if (above < 0.5) return down;
  if (above > 0.5) return down + 1;
  return std::fmod(down, 2) == 0 ? down : down + 1;
}

Value round(Call& call) {
  if (call[0].is_undefined()) return {};
  const double value = call[0].as_number();
  const double places = call[1].is_undefined() ? 0 : std::trunc(call[1].as_number());
  if (!std::isfinite(value) || std::abs(places) > 400) return call[0];
  const int moved = static_cast<int>(places);
  const double result = moved == 0 ? half_to_even(value) : shifted(half_to_even(shifted(value, moved)), -moved);
  return Value::number(result == 0 ? 0.0 : result);
}

Value sqrt(Call& call) {
  if (call[0].is_undefined()) return {};
  if (call[0].as_number() < 0) fail("D3060", {.value = call[0], .index = 1});
  return Value::number(std::sqrt(call[0].as_number()));
}

Value power(Call& call) {
  if (call[0].is_undefined() || call[1].is_undefined()) return {};
  const double result = std::pow(call[0].as_number(), call[1].as_number());
  if (!std::isfinite(result)) fail("D3061", {.value = call[0], .index = 1});
  return Value::number(result);
}

Value format_base(Call& call) {
  if (call[0].is_undefined()) return {};
  const double base = call[1].is_undefined() ? 10 : half_to_even(call[1].as_number());
  if (!(base >= 2 && base <= 36)) fail("D3100", {.value = call[1]});
  const double value = half_to_even(call[0].as_number());
  if (!std::isfinite(value)) return Value::string(number_text(value));
  return Value::string(whole_in_base(value, static_cast<unsigned>(base)));
}

Value format_number_value(Call& call) {
  if (call[0].is_undefined()) return {};
  if (call[1].is_undefined()) fail("T0410", {.value = call[1], .index = 2});
  DecimalFormat format;
  if (call[2].is_object()) {
    for (const auto& member : call[2].members()) format.set(member.key, member.value);
  }
  return Value::string(format_number(call[0].as_number(), call[1].text(), format));
}

Value format_integer_value(Call& call) {
  if (call[0].is_undefined()) return {};
  if (call[1].is_undefined()) fail("T0410", {.value = call[1], .index = 2});
  return Value::string(format_integer(call[0].as_number(), IntegerPicture::parse(call[1].text())));
}

Value parse_integer_value(Call& call) {
  if (call[0].is_undefined()) return {};
  if (call[1].is_undefined()) fail("T0410", {.value = call[1], .index = 2});
  const double number = parse_integer(call[0].text(), IntegerPicture::parse(call[1].text()));
  return Value::number(number);
}

}  // namespace

void add_number_functions(std::vector<BuiltIn>& all) {
  all.insert(all.end(), {
                            {"number", "<(nsb)-:n>", 1, number},
                            {"abs", "<n-:n>", 1, computed<absolute>},
                            {"floor", "<n-:n>", 1, computed<rounded_down>},
                            {"ceil", "<n-:n>", 1, computed<rounded_up>},
                            {"round", "<n-n?:n>", 2, round},
                            {"sqrt", "<n-:n>", 1, sqrt},
                            {"power", "<n-n:n>", 2, power},
                            {"formatBase", "<n-n?:s>", 2, format_base},
                            {"formatNumber", "<n-so?:s>", 3, format_number_value},
                            {"formatInteger", "<n-s:s>", 2, format_integer_value},
                            {"parseInteger", "<s-s:n>", 2, parse_integer_value},
                        });
}

}  // namespace flowstone::jsonata
