// Typed values with the spans that they came from: found by rules, the same ones each time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "documents/parsed.hpp"

namespace flowstone::documents {

// Stored: values are never given a new meaning.
enum class ValueType : std::uint8_t { text = 0, number = 1, date = 2, amount = 3, percent = 4, email = 5, link = 6 };

std::string_view name_of(ValueType type);
std::optional<ValueType> value_type_named(std::string_view name);

struct Extraction {
  std::string extractor;  // one of kBuiltInExtractors, or a user's
  std::string key;        // the same in the next version: section path and label, with #2, #3 where there are several
  ValueType type = ValueType::text;
  std::string value;        // as written
  std::string normalised;   // date: 2030-03-31; amount: "EUR 1250.00"; percent: "12"; number: "1250.5"; text: white
                            // space collapsed
  std::vector<Span> spans;  // of the value; at least one

  bool operator==(const Extraction&) const = default;
};

// Their names cannot be defined anew.
inline constexpr std::array<std::string_view, 10> kBuiltInExtractors{
    "heading", "date", "amount", "percent", "email", "link", "field", "cell", "norm", "definition"};

// An extractor that a user defines: a pattern, or a place.
struct ExtractorDefinition {
  std::string name;  // [a-z][a-z0-9_]{0,63}, none of the built-in names
  ValueType type = ValueType::text;
  std::optional<std::string> pattern;  // RE2; its first group is the value, or the whole match without one
  std::optional<std::string>
      heading;  // only in sections of this title (any case); alone: the section's text is the value
  std::optional<std::string> column;  // only cells under this header (any case); alone: each cell is a value
};

struct DefinitionError {
  std::string field;  // "name", "type", "pattern", "heading", "column"
  std::string sentence;
};

// Limits: patterns up to 4,000 bytes and RE2 programs up to 1 MiB, so that each match takes time linear in the text.
Result<void, DefinitionError> validate(const ExtractorDefinition& definition);

struct ExtractLimits {
  std::size_t extractions = 200'000;  // of the document; what is beyond is left out and `truncated` says so
};

struct Extractions {
  std::vector<Extraction> all;  // by extractor, then by place
  bool truncated = false;
  std::vector<DefinitionError> refused;  // definitions that are not valid: left out
};

// The version of the built-in extractors, raised when they find something else: part of what a result is made of.
inline constexpr std::string_view kExtractors = "extract / 1";

// What the built-in extractors find.
Extractions extract(const Parsed& parsed, const ExtractLimits& limits = {});
// What the defined ones find, and only they.
Extractions extract_defined(const Parsed& parsed, const std::vector<ExtractorDefinition>& definitions,
                            const ExtractLimits& limits = {});

// The canonical form of a value as written, if it is one of that type: for claims and comparisons.
std::optional<std::string> normalise_value(std::string_view written, ValueType type);

}  // namespace flowstone::documents
