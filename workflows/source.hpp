// The text of a definition: its value, and where in the text each part of it begins.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "jsonata/value.hpp"
#include "workflows/problem.hpp"

namespace flowstone::workflows {

using jsonata::Value;

enum class Format : std::uint8_t { json, yaml };
std::string_view name_of(Format format);

// The places of a value and of what is in it, in the order of its members and items. Of a member, that of its name.
struct Places {
  Place place;
  std::vector<Places> children;
};

struct Source {
  Value value;
  Places places;
  Problems warnings;

  // Of the value that the JSON pointer leads to or, where there is none, of what would hold it.
  [[nodiscard]] Place place_of(std::string_view pointer) const;
  // The value itself; null where there is none.
  [[nodiscard]] const Value* find(std::string_view pointer) const;
};

// What the JSON pointer leads to; null where there is nothing.
const Value* find_value(const Value& value, std::string_view pointer);

inline constexpr std::size_t kMaxSourceBytes = 256U << 10U;
inline constexpr std::uint32_t kMaxNesting = 200;
// Of the JSON pointers of all values together: names are repeated in those of all that they hold.
inline constexpr std::size_t kMaxPointerBytes = 16U << 20U;

inline constexpr std::size_t kMaxYamlValues = 100'000;  // those of aliases as often as they stand

// The errors are of the text alone: no JSON or YAML, members with one name, a limit.
// YAML is that of version 1.2 with its core schema: one document, names that are texts, no merge keys.
// Limits: kMaxSourceBytes, kMaxNesting, kMaxPointerBytes, kMaxYamlValues.
Result<Source, Problems> read_source(std::string_view text, Format format);

}  // namespace flowstone::workflows
