#include "jsonata/function.hpp"

#include <algorithm>
#include <map>

#include "jsonata/evaluator.hpp"

namespace flowstone::jsonata {
namespace {

const std::vector<BuiltIn>& all_built_in() {
  static const std::vector<BuiltIn> kAll = [] {
    std::vector<BuiltIn> all;
    add_string_functions(all);
    add_matching_functions(all);
    add_encoding_functions(all);
    add_number_functions(all);
    add_array_functions(all);
    add_object_functions(all);
    add_higher_order_functions(all);
    add_general_functions(all);
    add_time_functions(all);
    return all;
  }();
  return kAll;
}

}  // namespace

const Value& Call::operator[](std::size_t index) const {
  static const Value kNothing{};
  return index < arguments.size() ? arguments[index] : kNothing;
}

Value Call::apply(const Value& function, std::vector<Value> given) const {
  return evaluator.apply(function, std::move(given), {}, frame);
}

Value make_function(FunctionNode::Any function) {
  return Value::of_node(Kind::function, new FunctionNode(std::move(function)));
}

std::size_t arity_of(const Value& function) {
  const auto& any = function_of(function);
  if (const auto* native = std::get_if<Native>(&any)) return native->built_in->arity;
  if (const auto* lambda = std::get_if<Lambda>(&any))
    return lambda->frame->closed() ? 0 : lambda->definition->parameters.size();
  if (const auto* partial = std::get_if<Partial>(&any))
    return static_cast<std::size_t>(std::ranges::count(partial->open, true));
  if (const auto* host = std::get_if<Host>(&any)) return host->signature->size();
  return 1;
}

const Matcher* matcher_of(const Value& value) {
  return value.is_function() ? std::get_if<Matcher>(&function_of(value)) : nullptr;
}

const Value* find_built_in(std::string_view name) {
  static const std::map<std::string_view, Value> kByName = [] {
    std::map<std::string_view, Value> by_name;
    for (const auto& built_in : all_built_in())
      by_name.emplace(built_in.name, make_function(Native{&built_in, Signature::parse(built_in.signature, 0)}));
    return by_name;
  }();
  const auto found = kByName.find(name);
  return found == kByName.end() ? nullptr : &found->second;
}

}  // namespace flowstone::jsonata
