// A value held against the rules of a schema.
#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "asl/places.hpp"
#include "base/time.hpp"
#include "workflows/canonical.hpp"
#include "workflows/schema_rule.hpp"

namespace flowstone::workflows {
namespace {

std::uint8_t type_of(const Value& value) {
  switch (value.kind()) {
    case jsonata::Kind::null:
      return type_null;
    case jsonata::Kind::boolean:
      return type_boolean;
    case jsonata::Kind::number:
      return value.as_number() == std::floor(value.as_number()) ? type_integer : type_number;
    case jsonata::Kind::string:
      return type_string;
    case jsonata::Kind::array:
      return type_array;
    case jsonata::Kind::object:
      return type_object;
    case jsonata::Kind::undefined:
    case jsonata::Kind::function:
      break;
  }
  return 0;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_date(std::string_view text) {
  return text.size() == 10 && from_rfc3339(std::string(text) + "T00:00:00Z").has_value();
}

// A part before the @ and a host behind it, without white space.
bool is_email(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == 0 || at == std::string_view::npos || at + 1 == text.size()) return false;
  if (text.find_first_of(" \t\r\n<>,;") != std::string_view::npos || text.find('@') != at) return false;
  const auto host = text.substr(at + 1);
  return host.front() != '.' && host.back() != '.' && host.find("..") == std::string_view::npos;
}

bool is_uri(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !letter(text.front())) return false;
  const bool scheme = std::ranges::all_of(
      text.substr(0, colon), [letter](char c) { return letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
  const bool plain = std::ranges::all_of(text, [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && std::string_view("<>\"{}|\\^`").find(c) == std::string_view::npos &&
           c != 0x7F;
  });
  return scheme && plain;
}

bool is_uuid_text(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool dash = at == 8 || at == 13 || at == 18 || at == 23;
    const bool hex = is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

std::uint64_t characters_of(std::string_view text) {
  return static_cast<std::uint64_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

// A quotient that is a whole number but for the last digits of a double.
bool is_multiple(double value, double of) {
  const double quotient = value / of;
  return std::abs(quotient - std::round(quotient)) <= 1e-9 * std::max(1.0, std::abs(quotient));
}

std::string_view words_of(TextFormat format) {
  switch (format) {
    case TextFormat::date_time:
      return "an RFC 3339 time such as 2030-01-31T09:00:00Z";
    case TextFormat::date:
      return "a date such as 2030-01-31";
    case TextFormat::email:
      return "an address such as ada@example.org";
    case TextFormat::uri:
      return "a URI such as https://example.org/";
    case TextFormat::uuid:
      return "a UUID";
  }
  return "";
}

// Where a value stands, told only when there is something to say of it.
struct Spot {
  const Spot* around = nullptr;
  std::string_view name = {};
  std::optional<std::size_t> index = std::nullopt;

  [[nodiscard]] std::string pointer() const {
    if (around == nullptr) return std::string(name);
    return fmt::format("{}/{}", around->pointer(), index ? std::to_string(*index) : asl::pointer_token(name));
  }
};

class Checker {
 public:
  explicit Checker(Misfits& found) : found_(found) {}

  void check(const SchemaRule& rule, const Value& value, const Spot& at) {
    if (found_.size() >= kMaxMisfits) return;
    if (rule.types != 0 && (rule.types & type_of(value)) == 0) {
      add("wrong_type", at, fmt::format("must be of type {}", rule.type_words));
      return;
    }
    if (rule.has_values && !rule.values.contains(canonical_json(value)))
      add("unknown_value", at, fmt::format("must be one of {}", rule.values_words));
    if (value.is_number())
      check_number(rule, value.as_number(), at);
    else if (value.is_string())
      check_text(rule, value.text(), at);
    else if (value.is_array())
      check_list(rule, value, at);
    else if (value.is_object())
      check_object(rule, value, at);
  }

 private:
  void add(std::string_view code, const Spot& at, std::string sentence) {
    if (found_.size() < kMaxMisfits) found_.push_back({std::string(code), at.pointer(), std::move(sentence)});
  }

  void check_count(std::uint64_t count, std::optional<std::uint64_t> least, std::optional<std::uint64_t> most,
                   std::string_view of, const Spot& at) {
    if (least && count < *least) add("out_of_range", at, fmt::format("must have at least {} {}", *least, of));
    if (most && count > *most) add("out_of_range", at, fmt::format("must have at most {} {}", *most, of));
  }

  void check_number(const SchemaRule& rule, double value, const Spot& at) {
    if (rule.minimum && value < *rule.minimum)
      add("out_of_range", at, fmt::format("must be at least {}", *rule.minimum));
    if (rule.maximum && value > *rule.maximum)
      add("out_of_range", at, fmt::format("must be at most {}", *rule.maximum));
    if (rule.above && value <= *rule.above) add("out_of_range", at, fmt::format("must be above {}", *rule.above));
    if (rule.below && value >= *rule.below) add("out_of_range", at, fmt::format("must be below {}", *rule.below));
    if (rule.multiple_of && !is_multiple(value, *rule.multiple_of))
      add("out_of_range", at, fmt::format("must be a multiple of {}", *rule.multiple_of));
  }

  void check_text(const SchemaRule& rule, const std::string& text, const Spot& at) {
    check_count(characters_of(text), rule.min_length, rule.max_length, "characters", at);
    if (rule.pattern && !RE2::PartialMatch(text, *rule.pattern))
      add("no_match", at, fmt::format("must match {}", rule.pattern->pattern()));
    if (rule.format && !has_format(*rule.format, text))
      add("no_match", at, fmt::format("must be {}", words_of(*rule.format)));
  }

  void check_list(const SchemaRule& rule, const Value& value, const Spot& at) {
    const auto& items = value.items();
    check_count(items.size(), rule.min_items, rule.max_items, "items", at);
    std::unordered_set<std::string> seen;
    for (std::size_t index = 0; index < items.size() && found_.size() < kMaxMisfits; ++index) {
      if (rule.unique_items && !seen.insert(canonical_json(items[index])).second)
        add("repeated_value", {.around = &at, .index = index}, "is in the list twice");
      if (rule.items) check(*rule.items, items[index], {.around = &at, .index = index});
    }
  }

  void check_object(const SchemaRule& rule, const Value& value, const Spot& at) {
    check_count(value.members().size(), rule.min_properties, rule.max_properties, "members", at);
    for (const auto& name : rule.required)
      if (value.find(name) == nullptr) add("missing_field", at, fmt::format("must have the member \"{}\"", name));
    for (const auto& [name, inner] : value.members()) {
      if (found_.size() >= kMaxMisfits) return;
      const auto* known = rule.property(name);
      if (known == nullptr && !rule.closed) known = rule.other_properties.get();
      if (known != nullptr)
        check(*known, inner, {.around = &at, .name = name});
      else if (rule.closed)
        add("unknown_field", {.around = &at, .name = name}, "is not a member that the schema names");
    }
  }

  Misfits& found_;
};

}  // namespace

std::optional<TextFormat> text_format_named(std::string_view name) {
  if (name == "date-time") return TextFormat::date_time;
  if (name == "date") return TextFormat::date;
  if (name == "email") return TextFormat::email;
  if (name == "uri") return TextFormat::uri;
  if (name == "uuid") return TextFormat::uuid;
  return std::nullopt;
}

bool has_format(TextFormat format, std::string_view text) {
  switch (format) {
    case TextFormat::date_time:
      return from_rfc3339(text).has_value();
    case TextFormat::date:
      return is_date(text);
    case TextFormat::email:
      return is_email(text);
    case TextFormat::uri:
      return is_uri(text);
    case TextFormat::uuid:
      return is_uuid_text(text);
  }
  return false;
}

void check_value(const SchemaRule& rule, const Value& value, const std::string& at, Misfits& found) {
  Checker(found).check(rule, value, {.name = at});
}

}  // namespace flowstone::workflows
