// What the language does with many values: joining, flattening, comparing, and what counts as true.
#pragma once

#include <vector>

#include "jsonata/value.hpp"

namespace flowstone::jsonata {

inline Value make_sequence(std::vector<Value> items) { return Value::array(std::move(items), Mark::sequence); }
// A sequence of one or none stands for its item or for nothing.
Value collapsed(Value value, bool keep_array = false);

// Adds an array's items, or the value; nothing adds nothing.
void append(std::vector<Value>& items, const Value& value);
Value appended(const Value& left, const Value& right);
// All that is in arrays within arrays.
void flatten(const Value& value, std::vector<Value>& into);

// Deeply; members in any order. Undefined equals nothing.
bool equal(const Value& left, const Value& right);
// The same for values that are equal.
std::size_t hash_of(const Value& value);

// True, a number but 0, text, arrays with something true in them, objects with members.
bool is_true(const Value& value);

// A finite number; fails with D1001 on one that is not finite.
bool is_finite_number(const Value& value);

// "undefined", "null", "boolean", "number", "string", "array", "object", "function".
const char* name_of(Kind kind);

}  // namespace flowstone::jsonata
