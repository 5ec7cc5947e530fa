// Everything but paths and functions: values, operators' control flow, bindings.
#include <cmath>

#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/meter.hpp"
#include "jsonata/sequence.hpp"

namespace flowstone::jsonata {
namespace {

constexpr double kMaxRange = 1e7;  // items

bool is_whole(const Value& value) {
  return value.is_number() && std::isfinite(value.as_number()) && value.as_number() == std::trunc(value.as_number());
}

}  // namespace

Value Evaluator::run(const Program& program, const Value& input, const Bindings& bindings) {
  const auto frame = Frame::outermost(frames_);
  for (const auto& binding : bindings) frame->bind(binding.key, binding.value);
  frame->bind("$", input);
  const Value wrapped = input.is_array() ? Value::array({input}, Mark::sequence | Mark::wrapper) : input;
  Value result = evaluate(*program.root, wrapped, frame);
  frames_.close();
  return result;
}

Value Evaluator::run_text(const std::string& text, const Value& input, const FrameRef& frame) {
  programs_.push_back(parse(text));
  return evaluate(*programs_.back()->root, input, frame);
}

Value Evaluator::evaluate(const Ast& node, const Value& input, const FrameRef& frame) {
  const Level level;
  Value result = evaluate_form(node, input, frame);
  for (const auto& predicate : node.predicates) result = filter(*predicate.predicate, result, frame);
  if (node.group && node.form != Form::path) result = group(*node.group, result, frame);
  return collapsed(std::move(result), node.keep_array);
}

Value Evaluator::evaluate_form(const Ast& node, const Value& input, const FrameRef& frame) {
  switch (node.form) {
    case Form::literal:
      return node.literal;
    case Form::name:
      return look_up(input, node.text);
    case Form::variable:
      return evaluate_variable(node, input, frame);
    case Form::wildcard:
      return wildcard(input);
    case Form::descendants:
      return descendants(input);
    case Form::parent: {
      const Value* parent = frame->find(node.ancestor->label);
      return parent != nullptr ? *parent : Value();
    }
    case Form::regex:
      return make_function(Matcher{node.regex, node.position});
    case Form::path:
      return evaluate_path(node, input, frame);
    case Form::operation:
      return evaluate_operation(node, input, frame);
    case Form::negation:
      return evaluate_negation(node, input, frame);
    case Form::array:
      return evaluate_array(node, input, frame);
    case Form::range:
      return evaluate_range(node, input, frame);
    case Form::object:
      return group(*node.members, input, frame);
    case Form::block:
      return evaluate_block(node, input, frame);
    case Form::bind: {
      Value value = evaluate(*node.children[0], input, frame);
      frame->bind(node.text, value);
      return value;
    }
    case Form::condition:
    case Form::elvis:
    case Form::coalesce:
      return evaluate_condition(node, input, frame);
    case Form::call:
      return node.in_tail ? make_function(TailCall{&node, input, frame}) : evaluate_call(node, input, frame);
    case Form::partial:
      return evaluate_partial(node, input, frame);
    case Form::lambda:
      return make_function(Lambda{&node, input, frame});
    case Form::apply:
      return evaluate_apply(node, input, frame);
    case Form::transform:
      return make_function(Transformer{&node, frame});
    case Form::placeholder:
    case Form::sort:
      break;
  }
  fail("S0201", {.position = node.position, .token = node.text});
}

Value Evaluator::evaluate_block(const Ast& node, const Value& input, const FrameRef& frame) {
  const auto inner = Frame::inside(frame);
  Value result;
  for (const auto& part : node.children) result = evaluate(*part, input, inner);
  return result;
}

Value Evaluator::evaluate_condition(const Ast& node, const Value& input, const FrameRef& frame) {
  Value value = evaluate(*node.children[0], input, frame);
  if (node.form == Form::coalesce) return value.is_undefined() ? evaluate(*node.children[1], input, frame) : value;
  const bool holds = is_true(value);
  if (node.form == Form::elvis) return holds ? value : evaluate(*node.children[1], input, frame);
  if (holds) return evaluate(*node.children[1], input, frame);
  return node.children.size() > 2 ? evaluate(*node.children[2], input, frame) : Value();
}

Value Evaluator::evaluate_variable(const Ast& node, const Value& input, const FrameRef& frame) {
  if (node.text.empty()) {
    if (!input.marked(Mark::wrapper)) return input;
    Value unwrapped = input.items().front();
    return unwrapped;
  }
  if (const Value* bound = frame->find(node.text)) return *bound;
  if (node.text == "eval" && !context_.evaluates_text) return {};
  const Value* built_in = find_built_in(node.text);
  return built_in != nullptr ? *built_in : Value();
}

Value Evaluator::evaluate_array(const Ast& node, const Value& input, const FrameRef& frame) {
  const std::uint8_t marks = node.constructed ? Mark::constructed : 0;
  if (node.children.size() == 1 && node.children[0]->form == Form::range) {
    Value range = evaluate(*node.children[0], input, frame);
    return range.is_array() ? range.with_marks(marks) : Value::array({}, marks);
  }
  std::vector<Value> items;
  for (const auto& child : node.children) {
    Value value = evaluate(*child, input, frame);
    if (child->form == Form::array && child->predicates.empty() && !child->group) {
      items.push_back(std::move(value));
    } else {
      append(items, value);
    }
  }
  return Value::array(std::move(items), marks);
}

Value Evaluator::evaluate_range(const Ast& node, const Value& input, const FrameRef& frame) {
  const Value from = evaluate(*node.children[0], input, frame);
  const Value to = evaluate(*node.children[1], input, frame);
  if (!from.is_undefined() && !is_whole(from))
    fail("T2003", {.position = node.position, .token = node.text, .value = from});
  if (!to.is_undefined() && !is_whole(to)) fail("T2004", {.position = node.position, .token = node.text, .value = to});
  if (from.is_undefined() || to.is_undefined() || from.as_number() > to.as_number()) return {};
  const double count = to.as_number() - from.as_number() + 1;
  if (count > kMaxRange) fail("D2014", {.position = node.position, .token = node.text, .value = Value::number(count)});
  const auto size = static_cast<std::size_t>(count);
  spend(size / 16);
  admit(size * sizeof(Value));
  std::vector<Value> items;
  items.reserve(size);
  for (std::size_t at = 0; at < size; ++at) items.push_back(Value::number(from.as_number() + static_cast<double>(at)));
  // Not collapsed: [1..1] is an array of one.
  return Value::array(std::move(items));
}

Value Evaluator::evaluate_negation(const Ast& node, const Value& input, const FrameRef& frame) {
  const Value value = evaluate(*node.children[0], input, frame);
  if (value.is_undefined()) return {};
  if (!value.is_number()) fail("D1002", {.position = node.position, .token = node.text, .value = value});
  return Value::number(-value.as_number());
}

}  // namespace flowstone::jsonata
