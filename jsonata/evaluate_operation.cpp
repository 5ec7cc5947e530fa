// Operators of two operands.
#include <algorithm>
#include <cmath>

#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/json_text.hpp"
#include "jsonata/meter.hpp"
#include "jsonata/sequence.hpp"
#include "jsonata/unicode.hpp"

namespace flowstone::jsonata {
namespace {

double calculated(Operator operation, double left, double right) {
  if (operation == Operator::add) return left + right;
  if (operation == Operator::subtract) return left - right;
  if (operation == Operator::multiply) return left * right;
  return operation == Operator::divide ? left / right : std::fmod(left, right);
}

Value calculate(const Ast& node, const Value& left, const Value& right) {
  if (!left.is_undefined() && !is_finite_number(left)) fail("T2001", {.value = left});
  if (!right.is_undefined() && !is_finite_number(right)) fail("T2002", {.value = right});
  if (left.is_undefined() || right.is_undefined()) return {};
  return Value::number(calculated(node.operation, left.as_number(), right.as_number()));
}

std::strong_ordering order_of(const Value& left, const Value& right) {
  if (left.is_string()) return compare_text(left.text(), right.text());
  return left.as_number() < right.as_number()   ? std::strong_ordering::less
         : left.as_number() > right.as_number() ? std::strong_ordering::greater
                                                : std::strong_ordering::equal;
}

Value compare(const Ast& node, const Value& left, const Value& right) {
  const auto comparable = [](const Value& value) {
    return value.is_undefined() || value.is_number() || value.is_string();
  };
  if (!comparable(left)) fail("T2010", {.value = left});
  if (!comparable(right)) fail("T2010", {.value = right});
  if (left.is_undefined() || right.is_undefined()) return {};
  if (left.kind() != right.kind()) fail("T2009", {.value = left});
  const auto order = order_of(left, right);
  if (node.operation == Operator::less) return Value::boolean(order < 0);
  if (node.operation == Operator::less_equal) return Value::boolean(order <= 0);
  return Value::boolean(node.operation == Operator::greater ? order > 0 : order >= 0);
}

// Arrays, objects and functions are only the same as themselves.
bool is_same(const Value& left, const Value& right) {
  if (left.is_array() || left.is_object() || left.is_function()) return left.node() == right.node();
  return equal(left, right);
}

Value included(const Value& left, const Value& right) {
  if (left.is_undefined() || right.is_undefined()) return Value::boolean(false);
  if (!right.is_array()) return Value::boolean(is_same(left, right));
  return Value::boolean(std::ranges::any_of(right.items(), [&](const Value& item) { return is_same(left, item); }));
}

Value concatenated(const Value& left, const Value& right) {
  std::string text = to_text(left);
  const std::string behind = to_text(right);
  admit(text.size() + behind.size());
  text += behind;
  spend(1 + text.size() / 64);
  return Value::string(std::move(text));
}

Value operate(const Ast& node, const Value& left, const Value& right) {
  switch (node.operation) {
    case Operator::equal:
    case Operator::not_equal:
      if (left.is_undefined() || right.is_undefined()) return Value::boolean(false);
      return Value::boolean(equal(left, right) == (node.operation == Operator::equal));
    case Operator::less:
    case Operator::less_equal:
    case Operator::greater:
    case Operator::greater_equal:
      return compare(node, left, right);
    case Operator::concatenate:
      return concatenated(left, right);
    case Operator::included:
      return included(left, right);
    case Operator::both:
    case Operator::either:
      return Value::boolean(is_true(right));  // the left side left it open
    case Operator::add:
    case Operator::subtract:
    case Operator::multiply:
    case Operator::divide:
    case Operator::modulo:
      return calculate(node, left, right);
  }
  return {};
}

}  // namespace

Value Evaluator::evaluate_operation(const Ast& node, const Value& input, const FrameRef& frame) {
  const Value left = evaluate(*node.children[0], input, frame);
  try {
    if (node.operation == Operator::both || node.operation == Operator::either) {
      const bool decides = node.operation == Operator::either;
      if (is_true(left) == decides) return Value::boolean(decides);
    }
  } catch (Failure& failure) {
    if (failure.error.position == kNowhere) failure.error.position = node.position;
    throw;
  }
  const Value right = evaluate(*node.children[1], input, frame);
  try {
    return operate(node, left, right);
  } catch (Failure& failure) {
    failure.error.position = node.position;
    failure.error.token = node.text;
    throw;
  }
}

}  // namespace flowstone::jsonata
