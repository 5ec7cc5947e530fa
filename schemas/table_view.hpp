// Reads single fields of a FlatBuffer by contract. The bytes must be valid for the table (see `verify`).
#pragma once

#include <cstdint>
#include <string_view>

#include <flatbuffers/buffer.h>
#include <flatbuffers/string.h>
#include <flatbuffers/table.h>
#include <flatbuffers/vector.h>

#include "base/bytes.hpp"
#include "schemas/contract.hpp"

namespace flowstone::schemas {

using TextList = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>;
using TableList = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::Table>>;

inline const flatbuffers::Table& root_of(BytesView flatbuffer) {
  return *flatbuffers::GetRoot<flatbuffers::Table>(flatbuffer.data());
}

// True if the field has a value: lists, texts and tables that are there, scalars that are there or cannot be absent.
inline bool has_value(const flatbuffers::Table& table, const Field& field) {
  if (field.width != 0 && !field.is_list && !field.optional_scalar) return true;
  return table.CheckField(field.slot);
}

// Integers, enumerations and booleans, whatever their width; unsigned ones of 64 bits in two's complement.
std::int64_t read_integer(const flatbuffers::Table& table, const Field& field);
double read_real(const flatbuffers::Table& table, const Field& field);

// Item `index` of a list of scalars.
std::int64_t read_integer_item(const flatbuffers::Table& table, const Field& field, std::uint32_t index);
double read_real_item(const flatbuffers::Table& table, const Field& field, std::uint32_t index);
// 0 if the list is absent.
std::uint32_t list_size(const flatbuffers::Table& table, const Field& field);

inline std::string_view read_text(const flatbuffers::Table& table, const Field& field) {
  const auto* text = table.GetPointer<const flatbuffers::String*>(field.slot);
  return text == nullptr ? std::string_view() : text->string_view();
}
inline std::string_view read_text_item(const flatbuffers::Table& table, const Field& field, std::uint32_t index) {
  return table.GetPointer<const TextList*>(field.slot)->Get(index)->string_view();
}

}  // namespace flowstone::schemas
