#include <algorithm>

#include "asl/evaluate.hpp"

namespace flowstone::asl {
namespace {

using Type = Comparison::Type;
using Relation = Comparison::Relation;

// `*` stands for any text; a backslash makes the star, or the backslash, behind it an ordinary character.
// Cost: the product of both sizes at worst.
bool matches(std::string_view text, std::string_view pattern) {
  std::size_t at = 0, in = 0;
  std::size_t star = std::string_view::npos, resumed = 0;
  while (at < text.size()) {
    const bool escaped = in + 1 < pattern.size() && pattern[in] == '\\';
    if (in < pattern.size() && pattern[in] == '*') {
      star = ++in;
      resumed = at;
    } else if (in < pattern.size() && pattern[in + (escaped ? 1 : 0)] == text[at]) {
      in += escaped ? 2 : 1;
      ++at;
    } else if (star != std::string_view::npos) {
      in = star;
      at = ++resumed;
    } else {
      return false;
    }
  }
  while (in < pattern.size() && pattern[in] == '*') ++in;
  return in == pattern.size();
}

template <class T>
bool relates(Relation relation, const T& left, const T& right) {
  switch (relation) {
    case Relation::equals:
      return left == right;
    case Relation::less:
      return left < right;
    case Relation::greater:
      return left > right;
    case Relation::at_most:
      return left <= right;
    case Relation::at_least:
      return left >= right;
  }
  return false;
}

std::optional<Timestamp> time_of(const Value& value) {
  return value.is_string() ? from_rfc3339(value.text()) : std::nullopt;
}

bool has_trait(Comparison::Trait trait, const Value& value) {
  switch (trait) {
    case Comparison::Trait::null:
      return value.is_null();
    case Comparison::Trait::present:
      return true;
    case Comparison::Trait::number:
      return value.is_number();
    case Comparison::Trait::text:
      return value.is_string();
    case Comparison::Trait::boolean:
      return value.is_boolean();
    case Comparison::Trait::time:
      return time_of(value).has_value();
  }
  return false;
}

bool compares(const Comparison& comparison, const Value& left, const Value& right) {
  switch (comparison.type) {
    case Type::text:
      return left.is_string() && right.is_string() && relates(comparison.relation, left.text(), right.text());
    case Type::matches:
      return left.is_string() && right.is_string() && matches(left.text(), right.text());
    case Type::number:
      return left.is_number() && right.is_number() && relates(comparison.relation, left.as_number(), right.as_number());
    case Type::boolean:
      return left.is_boolean() && right.is_boolean() && left.as_boolean() == right.as_boolean();
    case Type::time: {
      const auto first = time_of(left), second = time_of(right);
      return first && second && relates(comparison.relation, *first, *second);
    }
    case Type::is:
      return has_trait(comparison.trait, left) == right.as_boolean();
  }
  return false;
}

Result<bool, Failure> holds(const Comparison& comparison, const Scope& scope) {
  const auto query = Query::parse_path(comparison.variable->text());
  auto left = evaluate(*query, scope, "Variable");
  if (comparison.type == Type::is && comparison.trait == Comparison::Trait::present)
    return left.has_value() == comparison.literal.as_boolean();
  if (!left) return failure(std::move(left).error());
  if (!comparison.reference) return compares(comparison, *left, comparison.literal);
  const auto reference = Query::parse_path(comparison.reference->text());
  FLOWSTONE_TRY(const auto right, evaluate(*reference, scope, comparison.operation));
  return compares(comparison, *left, right);
}

}  // namespace

Result<bool, Failure> holds(const Condition& condition, const Scope& scope) {
  switch (condition.kind) {
    case Condition::Kind::comparison:
      return holds(condition.comparison, scope);
    case Condition::Kind::negation: {
      FLOWSTONE_TRY(const bool inner, holds(condition.parts.front(), scope));
      return !inner;
    }
    case Condition::Kind::all:
    case Condition::Kind::any: {
      const bool decisive = condition.kind == Condition::Kind::any;
      for (const auto& part : condition.parts) {
        FLOWSTONE_TRY(const bool inner, holds(part, scope));
        if (inner == decisive) return decisive;
      }
      return !decisive;
    }
    case Condition::Kind::expression: {
      FLOWSTONE_TRY(const auto value, fill(condition.expression, scope, "Condition"));
      if (value.is_boolean()) return value.as_boolean();
      return failure(unexpected_kind(condition.expression, "Condition", "boolean", value));
    }
  }
  return false;
}

}  // namespace flowstone::asl
