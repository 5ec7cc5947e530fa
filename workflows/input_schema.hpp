// What the input of a run must be: a subset of JSON Schema (draft 2020-12), compiled once, held against values often.
//
// Read are: type, enum, const; properties, required, additionalProperties, minProperties, maxProperties; items,
// minItems, maxItems, uniqueItems; minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf; minLength,
// maxLength, pattern (RE2, matches anywhere), format (date-time, date, email, uri, uuid); default, title, description.
// A schema with any other word is refused, by its name: what would not be checked is not accepted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "jsonata/value.hpp"

namespace flowstone::workflows {

// Something of a schema or of an input that is not as it must be.
struct Misfit {
  std::string code;  // "unknown_field", "wrong_type", "missing_field", "out_of_range" ...
  std::string path;  // JSON pointer into what was looked at
  std::string sentence;
};
using Misfits = std::vector<Misfit>;

struct SchemaRule;

// Threads: immutable; any number of threads may check with it. Copies share the rules.
class InputSchema {
 public:
  // Limits: kMaxSchemaNesting, kMaxMisfits.
  static Result<InputSchema, Misfits> compile(const jsonata::Value& schema);

  // What is wrong with the input; nothing if it fits.
  // Limits: kMaxMisfits.
  [[nodiscard]] Misfits check(const jsonata::Value& input) const;
  // The input with the defaults of members that it lacks, in objects within objects too.
  [[nodiscard]] jsonata::Value with_defaults(const jsonata::Value& input) const;

 private:
  explicit InputSchema(std::shared_ptr<const SchemaRule> rule) : rule_(std::move(rule)) {}
  std::shared_ptr<const SchemaRule> rule_;
};

inline constexpr std::uint32_t kMaxSchemaNesting = 32;
inline constexpr std::size_t kMaxMisfits = 100;

}  // namespace flowstone::workflows
