#include "asl/expression_functions.hpp"

#include <array>
#include <string>

#include "asl/evaluate.hpp"

namespace flowstone::asl {
namespace {

using jsonata::Error;
using jsonata::Value;

struct Offered {
  std::string_view name, signature;
  Intrinsic does;
};

// Of $random the second form is ours: without a seed it is JSONata's own.
constexpr std::array<Offered, 6> kFunctions{{{"partition", "<an:a>", Intrinsic::array_partition},
                                             {"range", "<nnn:a>", Intrinsic::array_range},
                                             {"hash", "<xs:s>", Intrinsic::hash},
                                             {"random", "<n?:n>", Intrinsic::math_random},
                                             {"uuid", "<:s>", Intrinsic::uuid},
                                             {"parse", "<s:x>", Intrinsic::string_to_json}}};

// At least 0 and below 1; a seed gives the same number each time.
Result<Value, std::string> fraction(const std::vector<Value>& arguments, const std::function<double()>& random) {
  if (arguments.empty() || arguments.front().is_undefined()) return Value::number(random());
  constexpr double kSteps = 1e15;
  auto drawn = call(Intrinsic::math_random, {Value::number(0), Value::number(kSteps), arguments.front()}, random);
  if (!drawn) return drawn;
  return Value::number(drawn->as_number() / kSteps);
}

}  // namespace

void add_functions(jsonata::Bindings& bindings, std::string_view text, const std::function<double()>& random) {
  for (const auto& offered : kFunctions) {
    if (text.find("$" + std::string(offered.name)) == std::string_view::npos) continue;
    auto function = jsonata::host_function(
        std::string(offered.name), offered.signature,
        [&random, &offered](const std::vector<Value>& arguments) -> Result<Value, Error> {
          auto value = offered.does == Intrinsic::math_random ? fraction(arguments, random)
                                                              : call(offered.does, arguments, random);
          if (value) return *std::move(value);
          return failure(Error{.code = "D3001", .message = value.error(), .function_name = std::string(offered.name)});
        });
    if (function) bindings.push_back({std::string(offered.name), *std::move(function)});
  }
}

}  // namespace flowstone::asl
