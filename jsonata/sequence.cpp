#include "jsonata/sequence.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "jsonata/failure.hpp"
#include "jsonata/meter.hpp"

namespace flowstone::jsonata {
namespace {

bool equal_arrays(const Value& left, const Value& right) {
  return std::ranges::equal(left.items(), right.items(), equal);
}

bool equal_objects(const Value& left, const Value& right) {
  if (left.members().size() != right.members().size()) return false;
  return std::ranges::all_of(left.members(), [&](const Member& member) {
    const Value* other = right.find(member.key);
    return other != nullptr && equal(member.value, *other);
  });
}

std::size_t mixed(std::size_t seed, std::size_t value) {
  return seed ^ (value + 0x9e3779b97f4a7c15ULL + (seed << 6U) + (seed >> 2U));
}

}  // namespace

Value collapsed(Value value, bool keep_array) {
  if (!value.is_array() || !value.marked(Mark::sequence) || value.marked(Mark::tuples)) return value;
  if (keep_array) value = value.with_marks(value.marks() | Mark::keep_singleton);
  const auto& items = value.items();
  if (items.empty()) return {};
  if (items.size() == 1 && !value.marked(Mark::keep_singleton)) {
    Value only = items.front();
    return only;
  }
  return value;
}

void append(std::vector<Value>& items, const Value& value) {
  if (value.is_undefined()) return;
  if (value.is_array()) {
    spend(value.items().size() / 16);
    admit((items.size() + value.items().size()) * sizeof(Value));
    items.insert(items.end(), value.items().begin(), value.items().end());
  } else {
    items.push_back(value);
  }
}

Value appended(const Value& left, const Value& right) {
  if (left.is_undefined()) return right;
  if (right.is_undefined()) return left;
  const auto count = [](const Value& value) { return value.is_array() ? value.items().size() : 1; };
  spend(1 + (count(left) + count(right)) / 16);
  admit((count(left) + count(right)) * sizeof(Value));
  std::vector<Value> items;
  items.reserve(count(left) + count(right));
  append(items, left);
  append(items, right);
  return Value::array(std::move(items));
}

void flatten(const Value& value, std::vector<Value>& into) {
  spend(1);
  if (!value.is_array()) {
    into.push_back(value);
    return;
  }
  for (const auto& item : value.items()) flatten(item, into);
}

bool equal(const Value& left, const Value& right) {
  spend(1);
  if (left.kind() != right.kind()) return false;
  if (left.node() != nullptr && left.node() == right.node()) return true;
  switch (left.kind()) {
    case Kind::undefined:
    case Kind::function:
      return false;
    case Kind::null:
      return true;
    case Kind::boolean:
      return left.as_boolean() == right.as_boolean();
    case Kind::number:
      return left.as_number() == right.as_number();
    case Kind::string:
      return left.text() == right.text();
    case Kind::array:
      return equal_arrays(left, right);
    case Kind::object:
      return equal_objects(left, right);
  }
  return false;
}

std::size_t hash_of(const Value& value) {
  spend(1);
  std::size_t hash = static_cast<std::size_t>(value.kind());
  switch (value.kind()) {
    case Kind::boolean:
      return mixed(hash, value.as_boolean() ? 1 : 0);
    case Kind::number:
      return mixed(hash, std::hash<double>()(value.as_number() == 0 ? 0.0 : value.as_number()));
    case Kind::string:
      return mixed(hash, std::hash<std::string>()(value.text()));
    case Kind::array:
      for (const auto& item : value.items()) hash = mixed(hash, hash_of(item));
      return hash;
    case Kind::object:
      // Members come in any order.
      for (const auto& member : value.members())
        hash += mixed(std::hash<std::string>()(member.key), hash_of(member.value));
      return hash;
    case Kind::function:
      return mixed(hash, std::hash<const void*>()(value.node()));
    case Kind::undefined:
    case Kind::null:
      return hash;
  }
  return hash;
}

bool is_true(const Value& value) {
  spend(1);
  switch (value.kind()) {
    case Kind::boolean:
      return value.as_boolean();
    case Kind::number:
      return is_finite_number(value) && value.as_number() != 0;
    case Kind::string:
      return !value.text().empty();
    case Kind::array:
      return std::ranges::any_of(value.items(), is_true);
    case Kind::object:
      return !value.members().empty();
    case Kind::undefined:
    case Kind::null:
    case Kind::function:
      return false;
  }
  return false;
}

bool is_finite_number(const Value& value) {
  if (!value.is_number()) return false;
  if (!std::isfinite(value.as_number())) fail("D1001", {.value = value});
  return true;
}

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::undefined:
      return "undefined";
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "boolean";
    case Kind::number:
      return "number";
    case Kind::string:
      return "string";
    case Kind::array:
      return "array";
    case Kind::object:
      return "object";
    case Kind::function:
      return "function";
  }
  return "";
}

}  // namespace flowstone::jsonata
