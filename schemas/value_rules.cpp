#include "schemas/value_rules.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/identifier.hpp"
#include "base/regex.hpp"
#include "base/time.hpp"
#include "schemas/pattern.hpp"

namespace flowstone::schemas {
namespace {

constexpr std::size_t kMaxStreamName = 512;           // bytes
constexpr double kLargestExact = 9007199254740992.0;  // 2^53: above it a double skips integers

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_alphanumeric(char c) { return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z'); }

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool is_code(std::string_view text) {
  return !text.empty() && is_alphanumeric(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '_' || c == '-' || c == '.'; });
}

bool is_digest(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

// `<category>-<id>`
bool is_stream(std::string_view text) {
  const auto dash = text.find('-');
  if (text.size() > kMaxStreamName || dash == 0 || dash == std::string_view::npos || dash + 1 == text.size())
    return false;
  return is_lower(text.front()) &&
         std::ranges::all_of(text.substr(0, dash),
                             [](char c) { return is_lower(c) || is_digit(c) || c == '_' || c == '.'; }) &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; });
}

Complaint check_format(std::string_view format, std::string_view text) {
  if (format.empty() || format == "json") return std::nullopt;
  if (format == "uuid" && !is_uuid(text))
    return "must be a UUID in lower case such as 01920000-0000-7000-8000-000000000001";
  if (format == "code" && !is_code(text))
    return "must start with a letter or digit and go on with letters, digits, `_`, `-` and `.`";
  if (format == "digest" && !is_digest(text)) return "must be a SHA-256 digest: 64 lower-case hexadecimal digits";
  if (format == "stream" && !is_stream(text))
    return "must be a stream such as task-01920000-0000-7000-8000-000000000001";
  if (format == "base64" && !from_base64(text)) return "must be base64 with padding (RFC 4648, section 4)";
  if (format != "regex") return std::nullopt;
  if (const auto problem = problem_of_regex(text))
    return fmt::format("must be a regular expression that RE2 knows: {}", *problem);
  return std::nullopt;
}

// Code points are counted only where the bytes alone do not decide.
Complaint check_length(std::string_view text, std::optional<std::uint32_t> least, std::optional<std::uint32_t> most) {
  const auto plural = [](std::uint32_t count) { return count == 1 ? "" : "s"; };
  if (most && text.size() > *most) {
    const std::size_t length = code_points(text);
    if (length > *most) return fmt::format("must be at most {} character{} (has {})", *most, plural(*most), length);
  }
  if (!least || *least == 0) return std::nullopt;
  if (text.empty() && *least == 1) return "must not be empty";
  const std::size_t length = code_points(text);
  if (length < *least) return fmt::format("must be at least {} character{} (has {})", *least, plural(*least), length);
  return std::nullopt;
}

template <class Names>
std::string names_sentence(const Names& names) {
  std::string sentence = names.size() == 1 ? "must be " : "must be one of ";
  std::string_view separator;
  for (const std::string_view name : names) {
    fmt::format_to(std::back_inserter(sentence), "{}`{}`", separator, name);
    separator = ", ";
  }
  return sentence;
}

std::string enumeration_sentence(const Field& field) {
  if (!field.allowed.empty()) return names_sentence(field.allowed);
  std::vector<std::string_view> names;
  for (const EnumValue& value : field.values) names.push_back(value.name);
  return names_sentence(names);
}

struct Limits {
  std::int64_t lowest = 0;
  std::uint64_t highest = 0;
};

Limits limits_of(const Field& field) {
  const unsigned bits = field.width * 8U;
  if (field.kind == Kind::unsigned_integer) return {0, std::numeric_limits<std::uint64_t>::max() >> (64 - bits)};
  return {std::numeric_limits<std::int64_t>::min() >> (64 - bits),
          std::numeric_limits<std::uint64_t>::max() >> (65 - bits)};
}

template <class Number>
bool within(const Field& field, Number value) {
  const auto number = static_cast<double>(value);
  return (!field.minimum || number >= *field.minimum) && (!field.maximum || number <= *field.maximum);
}

Complaint read_integer(const Field& field, std::string_view token, std::int64_t& bits) {
  const Limits limits = limits_of(field);
  const char* end = token.data() + token.size();
  if (token.starts_with('-')) {
    std::int64_t value = 0;
    const auto [stop, error] = std::from_chars(token.data(), end, value);
    if (error != std::errc{} || stop != end || value < limits.lowest || !within(field, value))
      return range_sentence(field);
    bits = value;
    return std::nullopt;
  }
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(token.data(), end, value);
  if (error != std::errc{} || stop != end || value > limits.highest || !within(field, value))
    return range_sentence(field);
  bits = static_cast<std::int64_t>(value);
  return std::nullopt;
}

Complaint read_real(const Field& field, std::string_view token, std::int64_t& bits) {
  double value = 0;
  const auto [stop, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  const bool fits = error == std::errc{} && (field.width == 8 || std::isfinite(static_cast<float>(value)));
  if (!fits || !within(field, value)) return range_sentence(field);
  bits = field.width == 8 ? std::bit_cast<std::int64_t>(value) : std::bit_cast<std::int32_t>(static_cast<float>(value));
  return std::nullopt;
}

// 3.0 and 3e0 are integers too.
Complaint read_integral_real(const Field& field, std::string_view token, std::int64_t& bits) {
  double value = 0;
  const auto [stop, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (error != std::errc{} || std::abs(value) > kLargestExact) return range_sentence(field);
  if (value != std::trunc(value)) return "must be a whole number";
  return read_integer(field, fmt::format("{}", static_cast<std::int64_t>(value)), bits);
}

}  // namespace

Complaint check_text(const Field& field, std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return "must not contain the character U+0000";
  const auto most = field.is_list ? field.item_max_length : field.max_length;
  if (auto complaint = check_length(text, field.min_length, most)) return complaint;
  if (auto complaint = check_format(field.format, text)) return complaint;
  if (field.compiled_pattern != nullptr && !field.compiled_pattern->matches(text)) {
    return fmt::format("must match the pattern `{}`", field.pattern);
  }
  if (!field.allowed.empty() && std::ranges::find(field.allowed, text) == field.allowed.end())
    return names_sentence(field.allowed);
  return std::nullopt;
}

Complaint check_item_count(const Field& field, std::size_t count) {
  if (field.min_items && count < *field.min_items) {
    return fmt::format("must have at least {} item{} (has {})", *field.min_items, *field.min_items == 1 ? "" : "s",
                       count);
  }
  if (field.max_items && count > *field.max_items) {
    return fmt::format("must have at most {} item{} (has {})", *field.max_items, *field.max_items == 1 ? "" : "s",
                       count);
  }
  return std::nullopt;
}

Complaint read_number(const Field& field, std::string_view token, std::int64_t& bits) {
  if (field.kind == Kind::floating) return read_real(field, token, bits);
  if (token.find_first_of(".eE") != std::string_view::npos) return read_integral_real(field, token, bits);
  return read_integer(field, token, bits);
}

Complaint read_enumeration(const Field& field, std::string_view name, std::int64_t& value) {
  const auto found = std::ranges::find(field.values, name, &EnumValue::name);
  const bool allowed = field.allowed.empty() || std::ranges::find(field.allowed, name) != field.allowed.end();
  if (found == field.values.end() || !allowed) return enumeration_sentence(field);
  value = found->value;
  return std::nullopt;
}

Complaint read_time(std::string_view text, std::int64_t& micros) {
  const auto time = from_rfc3339(text);
  if (!time) return "must be an RFC 3339 time such as 2030-01-31T09:00:00Z";
  micros = time->micros;
  return std::nullopt;
}

std::string range_sentence(const Field& field) {
  if (field.kind == Kind::floating && !field.minimum && !field.maximum) {
    return fmt::format("must be a number that {} bits can hold", field.width * 8);
  }
  const Limits limits = limits_of(field);
  const std::string least = field.minimum ? fmt::format("{}", *field.minimum) : fmt::format("{}", limits.lowest);
  const std::string most = field.maximum ? fmt::format("{}", *field.maximum) : fmt::format("{}", limits.highest);
  if (field.kind == Kind::floating && !field.maximum) return fmt::format("must be at least {}", least);
  if (field.kind == Kind::floating && !field.minimum) return fmt::format("must be at most {}", most);
  return fmt::format("must be from {} to {}", least, most);
}

std::string_view kind_sentence(const Field& field) {
  switch (field.kind) {
    case Kind::boolean:
      return "must be true or false";
    case Kind::integer:
      return field.is_time() ? "must be an RFC 3339 time as text" : "must be a whole number";
    case Kind::unsigned_integer:
      return "must be a whole number";
    case Kind::floating:
      return "must be a number";
    case Kind::text:
      return "must be text";
    case Kind::enumeration:
      return "must be one of the names as text";
    case Kind::table:
      return "must be an object";
  }
  return {};
}

bool is_decimal_integer(std::string_view token) {
  if (token.starts_with('-')) token.remove_prefix(1);
  if (token.empty() || (token.size() > 1 && token.front() == '0')) return false;
  return std::ranges::all_of(token, is_digit);
}

bool is_json_number(std::string_view token) {
  const auto whole_end = std::min(token.find_first_of(".eE"), token.size());
  if (!is_decimal_integer(token.substr(0, whole_end))) return false;
  token.remove_prefix(whole_end);
  const auto take_digits = [&token] {
    const auto end = std::min(token.find_first_not_of("0123456789"), token.size());
    token.remove_prefix(end);
    return end > 0;
  };
  if (token.starts_with('.')) {
    token.remove_prefix(1);
    if (!take_digits()) return false;
  }
  if (token.starts_with('e') || token.starts_with('E')) {
    token.remove_prefix(1);
    if (token.starts_with('+') || token.starts_with('-')) token.remove_prefix(1);
    if (!take_digits()) return false;
  }
  return token.empty();
}

}  // namespace flowstone::schemas
