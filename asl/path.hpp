// JSONPath as the States Language uses it: `$.orders[?(@.total > 10)].id`, `$$.Execution.Id`, `$variable.name`.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "jsonata/value.hpp"

namespace flowstone::asl {

using jsonata::Value;

struct PathFilter;

struct PathStep {
  enum class Kind : std::uint8_t { names, wildcard, indexes, slice, filter };
  Kind kind = Kind::names;
  bool descends = false;                    // `..`: also in everything below
  std::vector<std::string> names;           // .name, ['a', 'b']
  std::vector<std::int64_t> indexes;        // [3], [-1], [0, 2]
  std::optional<std::int64_t> first, last;  // [first:last:stride]
  std::int64_t stride = 1;
  std::shared_ptr<const PathFilter> filter;  // [?(...)]
};

// Cost: a copy copies its steps; evaluation visits what the path can match.
class Path {
 public:
  enum class Root : std::uint8_t { input, context, variable, item };

  // The sentence says what is wrong. Limits: kMaxPathBytes; filters nest kMaxFilterNesting levels.
  static Result<Path, std::string> parse(std::string_view text);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] Root root() const { return root_; }
  // Of a path whose root is a variable: its name without `$`.
  [[nodiscard]] const std::string& variable() const { return variable_; }
  [[nodiscard]] const std::vector<PathStep>& steps() const { return steps_; }
  // Names and single indexes only: it can name one place at most.
  [[nodiscard]] bool is_reference() const;
  // The path up to and with step `count`, as $['a'][0].
  [[nodiscard]] std::string normalised(std::size_t count) const;

 private:
  friend class PathParser;
  std::string text_;
  Root root_ = Root::input;
  std::string variable_;
  std::vector<PathStep> steps_;
};

inline constexpr std::size_t kMaxPathBytes = 16U << 10U;
inline constexpr std::uint32_t kMaxFilterNesting = 32;
inline constexpr std::size_t kMaxPathMatches = 100'000;
inline constexpr std::size_t kMaxPathVisits = 1'000'000;  // values looked at, those by filters included

struct PathFilter {
  enum class Kind : std::uint8_t { all, any, negation, exists, equal, unequal, less, at_most, greater, at_least };
  struct Operand {
    std::optional<Path> path;  // of `@`, the item, or of `$`
    Value literal;
  };
  Kind kind = Kind::exists;
  std::vector<PathFilter> parts;  // of all, any, negation
  Operand left, right;
};

struct PathMiss {
  std::size_t steps = 0;  // how many of the path's steps were followed, with the one that found nothing
  bool too_many = false;  // more than kMaxPathMatches or kMaxPathVisits
};

// What the path finds below `root`: the value of a reference, otherwise the array of all that match, perhaps none.
Result<Value, PathMiss> find(const Path& path, const Value& root);

// `document` with `value` at the place that the reference names: objects on the way are made, array items must exist.
// Nothing where the way leads through something else.
std::optional<Value> replace(const Value& document, const Path& reference, const Value& value);

}  // namespace flowstone::asl
