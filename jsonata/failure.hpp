// Inside this room an error ends the evaluation as an exception; `compile` and `evaluate` catch it and return the
// value.
//
// An evaluator is recursive, nobody on the way acts on an error, and it is rare: unwinding costs nothing until then.
#pragma once

#include <string>
#include <string_view>

#include "jsonata/error.hpp"

namespace flowstone::jsonata {

struct Failure {
  Error error;
};

struct Details {
  std::uint32_t position = kNowhere;
  std::string token = {};
  Value value = {};
  std::uint32_t index = 0;
  std::string function_name = {};
};

Failure failure_of(std::string_view code, Details details);
[[noreturn]] void fail(std::string_view code, Details details = {});
// With a sentence that the expression's author gave.
[[noreturn]] void fail_with(std::string_view code, std::string message);
[[noreturn]] void fail_budget(std::string_view what);

}  // namespace flowstone::jsonata
