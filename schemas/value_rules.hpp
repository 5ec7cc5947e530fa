// What one value of a field must be, and how that is said to people. Each check returns the sentence of what is wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/contract.hpp"

namespace flowstone::schemas {

using Complaint = std::optional<std::string>;

// All rules for a text, or for an item of a list of texts. `text` must be valid UTF-8.
Complaint check_text(const Field& field, std::string_view text);
Complaint check_item_count(const Field& field, std::size_t count);

// Reads a JSON number, or decimal text for 64-bit integers, into `bits`: an integer in two's complement, or the bits of
// a floating number. `token` must follow the grammar of JSON numbers.
Complaint read_number(const Field& field, std::string_view token, std::int64_t& bits);
Complaint read_enumeration(const Field& field, std::string_view name, std::int64_t& value);
Complaint read_time(std::string_view text, std::int64_t& micros);

// "must be from 1 to 5"
std::string range_sentence(const Field& field);
// "must be text", by the field's kind.
std::string_view kind_sentence(const Field& field);

bool is_json_number(std::string_view token);
bool is_decimal_integer(std::string_view token);

}  // namespace flowstone::schemas
