// Fills in what a state's fields leave open, from what a run knows.
#pragma once

#include <functional>
#include <string>

#include "asl/definition.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "jsonata/expression.hpp"

namespace flowstone::asl {

using Variables = jsonata::Bindings;  // by name, without `$`

struct Scope {
  Value input;         // `$`, and $states.input
  Value context;       // `$$`, and $states.context
  Value result;        // $states.result; undefined where there is none
  Value error_output;  // $states.errorOutput
  const Variables& variables;
  Timestamp now;                          // of $now() and $millis()
  const std::function<double()>& random;  // at least 0, below 1
  jsonata::Limits limits = {};            // of each expression
};

struct Failure {
  std::string error;     // "States.Runtime" ...
  std::string cause;     // without the words on which state it was
  std::string location;  // of the field, where an expression failed: "Output/total"
};

// `field` names the template in causes: "Output", "Parameters".
Result<Value, Failure> fill(const Template& form, const Scope& scope, const std::string& field);
Result<Value, Failure> evaluate(const Query& query, const Scope& scope, const std::string& field);
Result<bool, Failure> holds(const Condition& condition, const Scope& scope);

// Why what an expression gives does not fit: `expected` is "array", "integer" ...
Failure unexpected_kind(const Template& form, const std::string& field, std::string_view expected, const Value& value);

// Limits: kMaxRangeItems of States.ArrayRange, kMaxHashedBytes of States.Hash.
Result<Value, std::string> call(Intrinsic function, const std::vector<Value>& arguments,
                                const std::function<double()>& random);

inline constexpr std::size_t kMaxRangeItems = 1'000;
inline constexpr std::size_t kMaxHashedBytes = 10'000;

}  // namespace flowstone::asl
