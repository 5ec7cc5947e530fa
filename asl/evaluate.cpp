#include "asl/evaluate.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "asl/expression_functions.hpp"
#include "asl/expression_words.hpp"
#include "jsonata/json_text.hpp"
#include "jsonata/sequence.hpp"

namespace flowstone::asl {
namespace {

Failure runtime(std::string cause) { return {.error = "States.Runtime", .cause = std::move(cause), .location = {}}; }

std::string text_of(const Value& value) { return jsonata::write_json(value).value_or("..."); }

Result<Value, Failure> look_up(const Path& path, const Scope& scope, const std::string& field) {
  const Value* root = path.root() == Path::Root::context ? &scope.context : &scope.input;
  if (path.root() == Path::Root::variable) {
    const auto found = std::ranges::find(scope.variables, path.variable(), &jsonata::Member::key);
    if (found == scope.variables.end())
      return failure(runtime(
          fmt::format("The variable '${}' specified for the field '{}' is not assigned", path.variable(), field)));
    root = &found->value;
  }
  auto value = find(path, *root);
  if (value) return *std::move(value);
  if (value.error().too_many)
    return failure(runtime(
        fmt::format("The JSONPath '{}' specified for the field '{}' visits too many values", path.text(), field)));
  return failure(
      runtime(fmt::format("The JSONPath '{}' specified for the field '{}' could not be found in the input '{}'",
                          path.text(), field, text_of(*root))));
}

Result<Value, Failure> call_of(const Call& made, const Scope& scope, const std::string& field) {
  std::vector<Value> arguments;
  for (const auto& argument : made.arguments) {
    if (const auto* literal = std::get_if<Value>(&argument.is)) {
      arguments.push_back(*literal);
    } else if (const auto* path = std::get_if<Path>(&argument.is)) {
      FLOWSTONE_TRY(auto value, look_up(*path, scope, field));
      arguments.push_back(std::move(value));
    } else {
      FLOWSTONE_TRY(auto value, call_of(std::get<Call>(argument.is), scope, field));
      arguments.push_back(std::move(value));
    }
  }
  auto value = call(made.function, arguments, scope.random);
  if (value) return *std::move(value);
  return failure(
      Failure{"States.IntrinsicFailure",
              fmt::format("The function '{}' specified for the field '{}' failed: {}", made.text, field, value.error()),
              {}});
}

// Without the space around it.
std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

// Expressions see the run as $states, and its variables by their names.
jsonata::Bindings bindings_of(const Scope& scope) {
  std::vector<jsonata::Member> states{{"input", scope.input}, {"context", scope.context}};
  if (!scope.result.is_undefined()) states.push_back({"result", scope.result});
  if (!scope.error_output.is_undefined()) states.push_back({"errorOutput", scope.error_output});
  auto bindings = scope.variables;
  bindings.push_back({"states", Value::object(std::move(states))});
  return bindings;
}

Result<Value, Failure> express(const jsonata::Expression& expression, const Scope& scope, const std::string& field) {
  const auto text = trimmed(expression.text());
  const auto wrong = [&](const std::string& what) {
    return failure(
        Failure{"States.QueryEvaluationError",
                fmt::format("The JSONata expression '{}' specified for the field '{}' {}", text, field, what), field});
  };
  auto bindings = bindings_of(scope);
  add_functions(bindings, text, scope.random);
  auto value = expression.evaluate(Value(), bindings,
                                   {.now = scope.now, .random = scope.random, .evaluates_text = false}, scope.limits);
  if (!value)
    return wrong(
        fmt::format("threw an error during evaluation. {}: {}", value.error().code, usual_words(value.error())));
  if (value->is_undefined()) return wrong("returned nothing (undefined).");
  if (value->is_function()) return wrong("returned a function, which is no JSON value.");
  return value->with_marks(0);
}

}  // namespace

Failure unexpected_kind(const Template& form, const std::string& field, std::string_view expected, const Value& value) {
  const auto* expression = form.expression();
  return {"States.QueryEvaluationError",
          fmt::format("The JSONata expression '{}' specified for the field '{}' returned an unexpected result type. "
                      "Expected '{}', but was '{}' for value: {}",
                      expression == nullptr ? "" : trimmed(expression->text()), field, expected,
                      jsonata::name_of(value.kind()), text_of(value)),
          field};
}

Result<Value, Failure> evaluate(const Query& query, const Scope& scope, const std::string& field) {
  return query.path() != nullptr ? look_up(*query.path(), scope, field) : call_of(*query.call(), scope, field);
}

Result<Value, Failure> fill(const Template& form, const Scope& scope, const std::string& field) {
  if (const auto* literal = form.literal()) return *literal;
  if (const auto* query = form.query()) return evaluate(*query, scope, field);
  if (const auto* expression = form.expression()) return express(*expression, scope, field);
  if (const auto* list = std::get_if<Template::List>(&form.content())) {
    std::vector<Value> items;
    for (std::size_t at = 0; at < list->items.size(); ++at) {
      FLOWSTONE_TRY(auto item, fill(list->items[at], scope, fmt::format("{}[{}]", field, at)));
      items.push_back(std::move(item));
    }
    return Value::array(std::move(items));
  }
  const auto& object = std::get<Template::Object>(form.content());
  std::vector<jsonata::Member> members;
  for (std::size_t at = 0; at < object.keys.size(); ++at) {
    const auto& [name, written] = object.keys[at];
    const auto& inner = object.values[at];
    // Of paths the cause names the field alone, of expressions the way to it.
    FLOWSTONE_TRY(auto value, fill(inner, scope, inner.query() != nullptr ? written : field + "/" + written));
    members.push_back({name, std::move(value)});
  }
  return Value::object(std::move(members));
}

}  // namespace flowstone::asl
