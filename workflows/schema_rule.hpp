// A schema after compiling.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <re2/re2.h>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "jsonata/value.hpp"
#include "workflows/input_schema.hpp"

namespace flowstone::workflows {

using jsonata::Value;

// Bits of `SchemaRule::types`.
enum TypeBit : std::uint8_t {
  type_null = 1,
  type_boolean = 2,
  type_integer = 4,
  type_number = 8,
  type_string = 16,
  type_array = 32,
  type_object = 64,
};

enum class TextFormat : std::uint8_t { date_time, date, email, uri, uuid };

struct SchemaRule {
  std::uint8_t types = 0;  // 0: any
  std::string type_words;  // "string or null"
  bool has_values = false;
  std::unordered_set<std::string> values;  // of enum and const, canonical
  std::string values_words;
  std::vector<std::pair<std::string, std::unique_ptr<SchemaRule>>> properties;
  std::vector<std::string> required;
  bool closed = false;                           // additionalProperties: false
  std::unique_ptr<SchemaRule> other_properties;  // additionalProperties: a schema
  std::unique_ptr<SchemaRule> items;
  bool unique_items = false;
  std::optional<double> minimum, maximum, above, below, multiple_of;
  std::optional<std::uint64_t> min_length, max_length, min_items, max_items, min_properties, max_properties;
  std::unique_ptr<RE2> pattern;
  std::optional<TextFormat> format;
  Value default_value;  // undefined without

  [[nodiscard]] const SchemaRule* property(std::string_view name) const {
    for (const auto& [known, rule] : properties)
      if (known == name) return rule.get();
    return nullptr;
  }
};

std::optional<TextFormat> text_format_named(std::string_view name);
bool has_format(TextFormat format, std::string_view text);
// Adds what is wrong with the value to `found`; `at` is its pointer.
void check_value(const SchemaRule& rule, const Value& value, const std::string& at, Misfits& found);

}  // namespace flowstone::workflows
