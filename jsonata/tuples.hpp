// What @, # and % bind while a path is walked: a tuple is an object of the focus and the variables bound so far.
#pragma once

#include <string>
#include <vector>

#include "jsonata/value.hpp"

namespace flowstone::jsonata {

inline constexpr std::string_view kFocus = "@";

class TupleBuilder {
 public:
  // With all that `from` binds; of nothing, an empty one.
  explicit TupleBuilder(const Value& from);
  void focus(const Value& value) { bind(kFocus, value); }
  void bind(std::string_view name, const Value& value);
  void take(const Value& tuple);
  Value build() { return Value::object(std::move(members_)); }

 private:
  std::vector<Member> members_;
};

Value focus_of(const Value& tuple);
// A tuple for each item.
Value tuples_of(const Value& items);
// The focus of each tuple.
Value focused(const Value& tuples);
// Each tuple with its place.
Value numbered(const Value& tuples, const std::string& name);
// What the tuples of one group bind, together.
Value joined_tuple(const std::vector<Value>& tuples);
Value joined_values(const std::vector<Value>& values);

}  // namespace flowstone::jsonata
