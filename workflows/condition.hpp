// A condition: a JSONata expression, and which part of it does not hold.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "jsonata/expression.hpp"

namespace flowstone::workflows {

// Threads: immutable once compiled.
class Condition {
 public:
  // "a and b" has the parts `a` and `b`; what is joined in another way is one part.
  static Result<Condition, jsonata::Error> compile(std::string_view text);

  struct Verdict {
    bool holds = false;
    std::string part;   // the first that does not hold, or could not be evaluated
    std::string error;  // why it could not: a sentence
  };
  // Limits: kConditionLimits; beyond them it could not be evaluated.
  [[nodiscard]] Verdict judge(const jsonata::Value& input, const jsonata::Context& context) const;

 private:
  struct Part {
    std::string text;
    jsonata::Expression expression;  // true or not
  };
  std::vector<Part> parts_;
};

// Of an expression that the server evaluates for every event of a kind.
jsonata::Limits condition_limits();

}  // namespace flowstone::workflows
