#include "jsonata/expression.hpp"

#include "jsonata/ast.hpp"
#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/meter.hpp"
#include "jsonata/unicode.hpp"

namespace flowstone::jsonata {
namespace {

// With its sentence, and its place counted in code points.
Error finished(Error error, std::string_view text) {
  if (error.position != kNowhere)
    error.position = static_cast<std::uint32_t>(count_code_points(text.substr(0, error.position)));
  if (error.message.empty()) error.message = sentence_of(error);
  return error;
}

}  // namespace

Result<Expression, Error> compile(std::string_view text) {
  try {
    return Expression(parse(text));
  } catch (Failure& failed) {
    return failure(finished(std::move(failed.error), text));
  }
}

std::string_view Expression::text() const { return program_->text; }

Result<Value, Error> Expression::evaluate(const Value& input, const Bindings& bindings, const Context& context,
                                          const Limits& limits) const {
  find_built_in({});  // built before the meter runs
  const Meter meter(limits);
  try {
    return Evaluator(context).run(*program_, input, bindings).with_marks(0);
  } catch (Failure& failed) {
    return failure(finished(std::move(failed.error), program_->text));
  }
}

Result<Value, Error> host_function(std::string name, std::string_view signature, HostFunction run) {
  try {
    auto checked = Signature::parse(signature, 0);
    return make_function(
        Host{std::move(name), std::move(checked), [run = std::move(run)](const std::vector<Value>& arguments) -> Value {
               auto result = run(arguments);
               if (!result) throw Failure{std::move(result).error()};
               return *std::move(result);
             }});
  } catch (Failure& failed) {
    return failure(finished(std::move(failed.error), signature));
  }
}

}  // namespace flowstone::jsonata
