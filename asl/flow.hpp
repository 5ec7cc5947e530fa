// The way of data through one state: InputPath, Parameters or Arguments; then, around the work, ResultSelector,
// ResultPath, OutputPath or Output, and Assign.
#pragma once

#include "asl/definition.hpp"
#include "asl/evaluate.hpp"
#include "base/result.hpp"

namespace flowstone::asl {

// What each step made; undefined where there was none.
struct Flow {
  Value after_input_path, after_parameters, after_arguments;
  Value after_result_selector, after_result_path;
  Value effective;  // what the state works on
  Value output, assigned;
};

// Of the scope, `input` is the state's raw input here and below.
Result<void, Failure> enter(const State& state, const Scope& scope, Flow& flow);

// `result` of the work; of a state that does none, what it works on.
Result<void, Failure> leave(const State& state, const Scope& scope, const Value& result, Flow& flow);

// A Choice: `rule` is the one that holds; null where none does, and the state's own Assign and Output count.
Result<void, Failure> leave(const State& state, const ChoiceRule* rule, const Scope& scope, Flow& flow);

// A caught error.
Result<void, Failure> leave(const State& state, const Catcher& catcher, const Scope& scope, const Value& error,
                            Flow& flow);

// The error as catchers and $states.errorOutput show it: what is not given is an empty text.
Value error_output(const std::optional<std::string>& error, const std::optional<std::string>& cause);

// Bytes of JSON of a state's output, a task's result, or a variable.
inline constexpr std::size_t kMaxPayloadBytes = 256U << 10U;

bool exceeds(const Value& value, std::size_t bytes);

}  // namespace flowstone::asl
