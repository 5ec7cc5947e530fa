#include "workflows/scalar_yaml.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include <fmt/core.h>

namespace flowstone::workflows {
namespace {

using jsonata::Value;

constexpr std::string_view kCore = "tag:yaml.org,2002:";

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

bool is_null(std::string_view text) { return is_one_of(text, {"", "~", "null", "Null", "NULL"}); }

std::optional<bool> boolean_of(std::string_view text) {
  if (is_one_of(text, {"true", "True", "TRUE"})) return true;
  if (is_one_of(text, {"false", "False", "FALSE"})) return false;
  return std::nullopt;
}

std::size_t digits_at(std::string_view text, std::size_t at) {
  std::size_t count = 0;
  while (at + count < text.size() && text[at + count] >= '0' && text[at + count] <= '9') ++count;
  return count;
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_decimal(std::string_view text) {
  const auto sign = [&text](std::size_t at) {
    return at < text.size() && (text[at] == '-' || text[at] == '+') ? 1U : 0U;
  };
  std::size_t at = sign(0);
  const auto whole = digits_at(text, at);
  at += whole;
  if (at < text.size() && text[at] == '.') {
    const auto fraction = digits_at(text, ++at);
    if (whole + fraction == 0) return false;
    at += fraction;
  } else if (whole == 0) {
    return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    at += sign(at);
    const auto exponent = digits_at(text, at);
    if (exponent == 0) return false;
    at += exponent;
  }
  return at == text.size();
}

// 0x1F, 0o17. Nothing if it is none, or above 2^64.
std::optional<double> based_number(std::string_view text) {
  const int base = text.starts_with("0x") ? 16 : text.starts_with("0o") ? 8 : 0;
  if (base == 0 || text.size() < 3) return std::nullopt;
  std::uint64_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + 2, end, value, base);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return static_cast<double>(value);
}

Result<Value, std::string> number_of(const std::string& text) {
  if (const auto based = based_number(text)) return Value::number(*based);
  const double number = std::strtod(text.c_str(), nullptr);
  if (!std::isfinite(number)) return failure(fmt::format("the number {} is too large", text.substr(0, 40)));
  return Value::number(number);
}

bool is_number(std::string_view text) { return is_decimal(text) || based_number(text).has_value(); }

Result<Value, std::string> plain(const std::string& text) {
  if (is_null(text)) return Value::null();
  if (const auto boolean = boolean_of(text)) return Value::boolean(*boolean);
  if (is_number(text)) return number_of(text);
  std::string_view unsigned_text = text;
  if (unsigned_text.starts_with('-') || unsigned_text.starts_with('+')) unsigned_text.remove_prefix(1);
  if (is_one_of(unsigned_text, {".inf", ".Inf", ".INF"}) || is_one_of(text, {".nan", ".NaN", ".NAN"}))
    return failure(fmt::format("{} is no number that JSON has", text));
  return Value::string(text);
}

}  // namespace

Result<Value, std::string> read_yaml_scalar(std::string_view tag, const std::string& text) {
  if (tag.empty() || tag == "?") return plain(text);
  if (tag == "!") return Value::string(text);
  const auto name = tag.starts_with(kCore) ? tag.substr(kCore.size()) : std::string_view();
  if (name == "str") return Value::string(text);
  if (name == "null" && is_null(text)) return Value::null();
  if (name == "bool" && boolean_of(text)) return Value::boolean(*boolean_of(text));
  if ((name == "int" || name == "float") && is_number(text)) return number_of(text);
  if (is_one_of(name, {"null", "bool", "int", "float"})) return failure(fmt::format("the text is no {}", name));
  return failure(fmt::format("there is no tag {}", tag));
}

std::optional<std::size_t> first_forbidden_byte(std::string_view text) {
  // Lengths by lead byte, then the range of the second byte, as Unicode's table of well-formed sequences has them.
  std::size_t at = 0;
  while (at < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80) {
      if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F) return at;
      ++at;
      continue;
    }
    const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
    if (byte < 0xC2 || byte > 0xF4 || at + length > text.size()) return at;
    const auto second = static_cast<unsigned char>(text[at + 1]);
    const unsigned low = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
    const unsigned high = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
    if (second < low || second > high) return at;
    for (std::size_t next = 2; next < length; ++next)
      if ((static_cast<unsigned char>(text[at + next]) & 0xC0U) != 0x80) return at;
    if (text.substr(at, 3) == "\xEF\xBB\xBF") return at;  // a byte order mark would move all places
    at += length;
  }
  return std::nullopt;
}

}  // namespace flowstone::workflows
