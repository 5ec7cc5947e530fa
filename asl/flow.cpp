#include "asl/flow.hpp"

#include <fmt/core.h>

#include "jsonata/json_text.hpp"

namespace flowstone::asl {
namespace {

bool by_paths(const State& state) { return state.language == QueryLanguage::json_path; }

Scope with_input(const Scope& scope, const Value& input) {
  return {input,           scope.context, scope.result, scope.error_output,
          scope.variables, scope.now,     scope.random, scope.limits};
}

// InputPath and OutputPath: null stands for an empty object.
Result<Value, Failure> select(const Template* path, const Scope& scope, Field field) {
  if (path == nullptr) return scope.input;
  if (path->literal() != nullptr) return Value::object({});
  const auto* wanted = path->query() == nullptr ? nullptr : path->query()->path();
  if (wanted != nullptr && wanted->root() != Path::Root::variable) {
    const auto& root = wanted->root() == Path::Root::context ? scope.context : scope.input;
    auto found = find(*wanted, root);
    if (found) return *std::move(found);
    const auto& miss = found.error();
    if (!miss.too_many)
      return failure(Failure{
          "States.Runtime",
          fmt::format("Invalid path '{}' : {} {}", wanted->text(),
                      miss.steps >= wanted->steps().size() ? "No results for path:" : "Missing property in path",
                      wanted->normalised(miss.steps)),
          {}});
  }
  return fill(*path, scope, std::string(name_of(field)));
}

Result<Value, Failure> place(const Template* path, const Value& raw, const Value& result) {
  if (path == nullptr) return result;
  const auto* query = path->query();
  if (query == nullptr || query->path() == nullptr) return raw;  // null: the result is dropped
  if (query->path()->steps().empty()) return result;
  if (auto placed = replace(raw.is_undefined() ? Value::object({}) : raw, *query->path(), result))
    return *std::move(placed);
  return failure(Failure{"States.ResultPathMatchFailure",
                         fmt::format("Unable to apply ReferencePath {} to input {}", query->text(),
                                     jsonata::write_json(raw).value_or("...")),
                         {}});
}

Result<void, Failure> assign(const Template* form, const Scope& scope, Flow& flow) {
  if (form == nullptr) return {};
  FLOWSTONE_TRY(flow.assigned, fill(*form, scope, "Assign"));
  return {};
}

Result<void, Failure> check_size(const State& state, const Flow& flow) {
  const auto too_large = [&] {
    return failure(
        Failure{"States.DataLimitExceeded",
                fmt::format("The state/task '{}' returned a result with a size exceeding the maximum number of bytes "
                            "service limit.",
                            state.name),
                {}});
  };
  if (exceeds(flow.output, kMaxPayloadBytes)) return too_large();
  if (flow.assigned.is_object())
    for (const auto& [name, value] : flow.assigned.members())
      if (exceeds(value, kMaxPayloadBytes)) return too_large();
  return {};
}

Result<void, Failure> finish(const State& state, const Scope& scope, const Value& whole, Flow& flow) {
  FLOWSTONE_TRY(flow.output, select(state.field(Field::output_path), with_input(scope, whole), Field::output_path));
  return check_size(state, flow);
}

}  // namespace

bool exceeds(const Value& value, std::size_t bytes) {
  return !value.is_undefined() && !jsonata::write_json(value, bytes).has_value();
}

Value error_output(const std::optional<std::string>& error, const std::optional<std::string>& cause) {
  return Value::object({{"Error", Value::string(error.value_or(""))}, {"Cause", Value::string(cause.value_or(""))}});
}

Result<void, Failure> enter(const State& state, const Scope& scope, Flow& flow) {
  flow.effective = scope.input;
  if (!by_paths(state)) {
    if (const auto* arguments = state.field(Field::arguments)) {
      FLOWSTONE_TRY(flow.after_arguments, fill(*arguments, scope, "Arguments"));
      flow.effective = flow.after_arguments;
    }
    return {};
  }
  if (state.type == StateType::fail) return {};
  FLOWSTONE_TRY(flow.after_input_path, select(state.field(Field::input_path), scope, Field::input_path));
  flow.effective = flow.after_input_path;
  const auto* parameters = state.field(Field::parameters);
  if (parameters != nullptr && state.type != StateType::map) {
    FLOWSTONE_TRY(flow.after_parameters, fill(*parameters, with_input(scope, flow.effective), "Parameters"));
    flow.effective = flow.after_parameters;
  }
  return {};
}

Result<void, Failure> leave(const State& state, const Scope& scope, const Value& result, Flow& flow) {
  if (!by_paths(state)) {
    FLOWSTONE_TRY_VOID(assign(state.field(Field::assign), scope, flow));
    flow.output = result;
    if (const auto* output = state.field(Field::output)) {
      FLOWSTONE_TRY(flow.output, fill(*output, scope, "Output"));
    }
    return check_size(state, flow);
  }
  FLOWSTONE_TRY_VOID(assign(state.field(Field::assign), with_input(scope, result), flow));
  auto selected = result;
  if (const auto* selector = state.field(Field::result_selector)) {
    FLOWSTONE_TRY(selected, fill(*selector, with_input(scope, result), "ResultSelector"));
  }
  flow.after_result_selector = selected;
  FLOWSTONE_TRY(flow.after_result_path, place(state.field(Field::result_path), scope.input, selected));
  return finish(state, scope, flow.after_result_path, flow);
}

Result<void, Failure> leave(const State& state, const ChoiceRule* rule, const Scope& scope, Flow& flow) {
  const auto* form = rule != nullptr ? (rule->assign ? &*rule->assign : nullptr) : state.field(Field::assign);
  if (by_paths(state)) {
    FLOWSTONE_TRY_VOID(assign(form, with_input(scope, flow.effective), flow));
    return finish(state, scope, flow.effective, flow);
  }
  FLOWSTONE_TRY_VOID(assign(form, scope, flow));
  const auto* output = rule != nullptr ? (rule->output ? &*rule->output : nullptr) : state.field(Field::output);
  flow.output = scope.input;
  if (output != nullptr) {
    FLOWSTONE_TRY(flow.output, fill(*output, scope, "Output"));
  }
  return check_size(state, flow);
}

Result<void, Failure> leave(const State& state, const Catcher& catcher, const Scope& scope, const Value& error,
                            Flow& flow) {
  const auto* form = catcher.assign ? &*catcher.assign : nullptr;
  if (by_paths(state)) {
    FLOWSTONE_TRY_VOID(assign(form, with_input(scope, error), flow));
    FLOWSTONE_TRY(flow.output, place(catcher.result_path ? &*catcher.result_path : nullptr, scope.input, error));
    return check_size(state, flow);
  }
  FLOWSTONE_TRY_VOID(assign(form, scope, flow));
  flow.output = error;
  if (catcher.output) {
    FLOWSTONE_TRY(flow.output, fill(*catcher.output, scope, "Output"));
  }
  return check_size(state, flow);
}

}  // namespace flowstone::asl
