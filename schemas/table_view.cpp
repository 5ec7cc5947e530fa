#include "schemas/table_view.hpp"

namespace flowstone::schemas {
namespace {

// Calls `visit` with a value of the type in which the field's scalars are stored.
template <class Visit>
auto with_integer_type(const Field& field, const Visit& visit) {
  const bool is_unsigned = field.kind == Kind::unsigned_integer || field.kind == Kind::boolean;
  switch (field.width) {
    case 1:
      return is_unsigned ? visit(std::uint8_t{}) : visit(std::int8_t{});
    case 2:
      return is_unsigned ? visit(std::uint16_t{}) : visit(std::int16_t{});
    case 4:
      return is_unsigned ? visit(std::uint32_t{}) : visit(std::int32_t{});
    default:
      return visit(std::int64_t{});
  }
}

template <class Number>
Number item(const flatbuffers::Table& table, const Field& field, std::uint32_t index) {
  return table.GetPointer<const flatbuffers::Vector<Number>*>(field.slot)->Get(index);
}

}  // namespace

std::int64_t read_integer(const flatbuffers::Table& table, const Field& field) {
  return with_integer_type(field, [&]<class Integer>(Integer) {
    return static_cast<std::int64_t>(table.GetField<Integer>(field.slot, static_cast<Integer>(field.default_integer)));
  });
}

double read_real(const flatbuffers::Table& table, const Field& field) {
  if (field.width == 8) return table.GetField<double>(field.slot, field.default_real);
  return static_cast<double>(table.GetField<float>(field.slot, static_cast<float>(field.default_real)));
}

std::int64_t read_integer_item(const flatbuffers::Table& table, const Field& field, std::uint32_t index) {
  return with_integer_type(
      field, [&]<class Integer>(Integer) { return static_cast<std::int64_t>(item<Integer>(table, field, index)); });
}

double read_real_item(const flatbuffers::Table& table, const Field& field, std::uint32_t index) {
  return field.width == 8 ? item<double>(table, field, index) : static_cast<double>(item<float>(table, field, index));
}

std::uint32_t list_size(const flatbuffers::Table& table, const Field& field) {
  const auto* list = table.GetPointer<const flatbuffers::Vector<std::uint8_t>*>(field.slot);
  return list == nullptr ? 0 : list->size();
}

}  // namespace flowstone::schemas
