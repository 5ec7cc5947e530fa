#include "asl/equal.hpp"

#include <algorithm>

namespace flowstone::asl {

using jsonata::Kind;
using jsonata::Value;

bool equal(const Value& left, const Value& right) {
  if (left.kind() != right.kind()) return false;
  switch (left.kind()) {
    case Kind::undefined:
    case Kind::null:
      return true;
    case Kind::boolean:
      return left.as_boolean() == right.as_boolean();
    case Kind::number:
      return left.as_number() == right.as_number();
    case Kind::string:
      return left.text() == right.text();
    case Kind::array:
      return std::ranges::equal(left.items(), right.items(), equal);
    case Kind::object:
      return left.members().size() == right.members().size() &&
             std::ranges::all_of(left.members(), [&](const jsonata::Member& member) {
               const auto* other = right.find(member.key);
               return other != nullptr && equal(member.value, *other);
             });
    case Kind::function:
      return left.node() == right.node();
  }
  return false;
}

}  // namespace flowstone::asl
