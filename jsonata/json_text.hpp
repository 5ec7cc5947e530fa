// JSON to values and back.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "jsonata/error.hpp"
#include "jsonata/value.hpp"

namespace flowstone::jsonata {

// RFC 8259, surrogates that stand alone included. Of members with the same name the last one stands. The error's
// position is a byte, its code J0001.
// Limits: kMaxNesting levels.
Result<Value, Error> read_json(std::string_view text);

// The value as JavaScript's JSON.stringify writes it: functions are "", undefined and numbers that are not finite null.
// Limits: nothing where the text would be longer than `max_bytes`; values share parts, so that it may be far larger
// than the value.
Result<std::string, Error> write_json(const Value& value, std::size_t max_bytes = 64U << 20U, bool indented = false);

// What $string and & make of a value: numbers with 15 significant digits. Fails as they do.
std::string to_text(const Value& value, bool indented = false);

// The text as a JSON string, quoted.
void append_json_string(std::string& json, std::string_view text);

}  // namespace flowstone::jsonata
