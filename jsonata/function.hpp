// Functions as values, and how built-in ones are written.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "jsonata/ast.hpp"
#include "jsonata/frame.hpp"
#include "jsonata/regex.hpp"
#include "jsonata/signature.hpp"
#include "jsonata/value.hpp"

namespace flowstone::jsonata {

class Evaluator;

// One call of a built-in function. Arguments are checked against its signature and filled up with undefined.
struct Call {
  Evaluator& evaluator;
  std::vector<Value>& arguments;
  const Value& input;
  const FrameRef& frame;
  std::string_view name;

  // The argument, undefined where there are fewer.
  [[nodiscard]] const Value& operator[](std::size_t index) const;
  [[nodiscard]] Value apply(const Value& function, std::vector<Value> arguments) const;
};

struct BuiltIn {
  std::string_view name;
  std::string_view signature;
  std::size_t arity;  // arguments that functions like $map give it
  Value (*run)(Call& call);
};

struct Native {
  const BuiltIn* built_in;
  std::shared_ptr<const Signature> signature;
};
struct Lambda {
  const Ast* definition;
  Value input;
  FrameRef frame;
};
// A call in tail position that is still to be done.
struct TailCall {
  const Ast* call;
  Value input;
  FrameRef frame;
};
struct Partial {
  Value function;
  std::vector<Value> arguments;
  std::vector<bool> open;  // those that are placeholders
};
struct Composition {
  Value first, second;
};
struct Matcher {
  std::shared_ptr<const Regex> regex;
  std::uint32_t position;
};
struct NextMatch {
  std::shared_ptr<const Regex> regex;
  Value text;
  std::size_t from;
};
struct Transformer {
  const Ast* definition;
  FrameRef frame;
};
struct Host {
  std::string name;
  std::shared_ptr<const Signature> signature;
  std::function<Value(const std::vector<Value>&)> run;
};

struct FunctionNode final : detail::Node {
  using Any = std::variant<Native, Lambda, TailCall, Partial, Composition, Matcher, NextMatch, Transformer, Host>;
  explicit FunctionNode(Any made) : Node(sizeof(FunctionNode)), as(std::move(made)) {}
  Any as;
};

Value make_function(FunctionNode::Any function);
inline const FunctionNode::Any& function_of(const Value& value) {
  return static_cast<const FunctionNode*>(value.node())->as;
}
// How many arguments it takes.
std::size_t arity_of(const Value& function);
const Matcher* matcher_of(const Value& value);

// The built-in function of that name, or null.
const Value* find_built_in(std::string_view name);

// One file of functions/ each.
void add_string_functions(std::vector<BuiltIn>& all);
void add_matching_functions(std::vector<BuiltIn>& all);
void add_encoding_functions(std::vector<BuiltIn>& all);
void add_number_functions(std::vector<BuiltIn>& all);
void add_array_functions(std::vector<BuiltIn>& all);
void add_object_functions(std::vector<BuiltIn>& all);
void add_higher_order_functions(std::vector<BuiltIn>& all);
void add_general_functions(std::vector<BuiltIn>& all);
void add_time_functions(std::vector<BuiltIn>& all);

}  // namespace flowstone::jsonata
