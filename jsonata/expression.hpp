// JSONata expressions: compiled once, evaluated often.
//
//   const auto expression = jsonata::compile("Order[status = 'open'].total ~> $sum()");
//   const auto sum = expression->evaluate(input, {}, {.now = clock.now(), .random = source});
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "jsonata/error.hpp"
#include "jsonata/limits.hpp"
#include "jsonata/value.hpp"

namespace flowstone::jsonata {

struct Program;

// All that an evaluation learns from the world. The same context gives the same result.
struct Context {
  Timestamp now;                   // $now() and $millis(), throughout
  std::function<double()> random;  // at least 0, below 1; without it $random and $shuffle fail
  bool evaluates_text = true;      // $eval is there
};

using Bindings = std::vector<Member>;  // variables by name, without $

// Threads: immutable; any number of threads may evaluate it at a time.
// Cost: a copy shares the compiled text.
class Expression {
 public:
  // The value, or undefined where the expression yields nothing.
  // Limits: each of `limits` is an error of code U1001.
  [[nodiscard]] Result<Value, Error> evaluate(const Value& input, const Bindings& bindings, const Context& context,
                                              const Limits& limits = {}) const;
  [[nodiscard]] std::string_view text() const;

 private:
  friend Result<Expression, Error> compile(std::string_view text);
  explicit Expression(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

  std::shared_ptr<const Program> program_;
};

// Limits: kMaxExpressionBytes, kMaxExpressionNesting.
Result<Expression, Error> compile(std::string_view text);

// A function that expressions can call, to be given among the bindings. `signature` as in the language: "<s-n?:s>".
// Lifetime: what `run` refers to must outlive the evaluations.
using HostFunction = std::function<Result<Value, Error>(const std::vector<Value>& arguments)>;
Result<Value, Error> host_function(std::string name, std::string_view signature, HostFunction run);

}  // namespace flowstone::jsonata
