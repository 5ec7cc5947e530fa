// The functions that a workflow's expressions have beside JSONata's own: $partition, $range, $hash, $random with a
// seed, $uuid, $parse.
#pragma once

#include <functional>
#include <string_view>

#include "jsonata/expression.hpp"

namespace flowstone::asl {

// Adds those that the expression's text names.
// Lifetime: `random` must outlive the evaluation.
void add_functions(jsonata::Bindings& bindings, std::string_view text, const std::function<double()>& random);

}  // namespace flowstone::asl
