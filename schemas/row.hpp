// Single fields of a FlatBuffer by contract, for indexes, filters and diffs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "schemas/contract.hpp"

namespace flowstone::schemas {

// Integers and enumerations of a scalar field; the default if it is absent, nothing if it is absent and optional.
std::optional<std::int64_t> integer_of(const Field& field, BytesView flatbuffer);
// Text of a text field; nothing if absent.
std::optional<std::string_view> text_of(const Field& field, BytesView flatbuffer);

// The field's values as bytes whose order is the order of the values: integers big-endian with the sign bit flipped,
// texts ASCII-folded, cut at 64 bytes and free of NUL. A list has one entry an item; an absent value has the one entry
// "". A present value is preceded by 0x01, so that absent sorts first.
std::vector<Bytes> index_keys(const Field& field, BytesView flatbuffer);
// The same for a value given as text in a query ("3", "completed", "2030-01-01T00:00:00Z"); nothing if it is not a
// value of the field.
std::optional<Bytes> index_key_of(const Field& field, std::string_view text);

// The field alone as a JSON value; nothing if absent.
std::optional<std::string> field_json(const Field& field, BytesView flatbuffer);

struct Change {
  std::string_view field;
  std::optional<std::string> from;  // JSON
  std::optional<std::string> to;    // JSON
};
// The fields that differ between two values of one table, in the contract's order, hidden ones left out. An empty view
// is "no value yet".
std::vector<Change> changes_between(const Table& table, BytesView before, BytesView after);

}  // namespace flowstone::schemas
