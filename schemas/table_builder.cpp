#include "schemas/table_builder.hpp"

#include <bit>

namespace flowstone::schemas {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::uoffset_t;
using Reference = flatbuffers::Offset<void>;

template <class Number>
uoffset_t build_numbers(FlatBufferBuilder& builder, std::span<const std::int64_t> items) {
  builder.StartVector(items.size(), sizeof(Number));
  for (std::size_t i = items.size(); i > 0; --i) builder.PushElement(static_cast<Number>(items[i - 1]));
  return builder.EndVector(items.size());
}

uoffset_t build_references(FlatBufferBuilder& builder, std::span<const std::int64_t> items) {
  builder.StartVector(items.size(), sizeof(uoffset_t));
  for (std::size_t i = items.size(); i > 0; --i) builder.PushElement(Reference(static_cast<uoffset_t>(items[i - 1])));
  return builder.EndVector(items.size());
}

uoffset_t build_texts(FlatBufferBuilder& builder, std::span<const std::string_view> items) {
  std::vector<std::int64_t> references;
  references.reserve(items.size());
  for (const std::string_view item : items) references.push_back(builder.CreateString(item).o);
  return build_references(builder, references);
}

uoffset_t build_list(FlatBufferBuilder& builder, const Field& field, const ParkedValue& value,
                     const ParkedLists& lists) {
  if (field.kind == Kind::text) return build_texts(builder, std::span(lists.texts).subspan(value.first, value.count));
  const auto items = std::span(lists.integers).subspan(value.first, value.count);
  if (field.kind == Kind::table) return build_references(builder, items);
  switch (field.width) {
    case 1:
      return build_numbers<std::uint8_t>(builder, items);
    case 2:
      return build_numbers<std::uint16_t>(builder, items);
    case 4:
      return build_numbers<std::uint32_t>(builder, items);
    default:
      return build_numbers<std::uint64_t>(builder, items);
  }
}

// A scalar equal to its default is left out, as flatc's own builders do; never one that may be absent.
template <class Number>
void add_number(FlatBufferBuilder& builder, const Field& field, Number value, Number otherwise) {
  if (field.optional_scalar)
    builder.AddElement<Number>(field.slot, value);
  else
    builder.AddElement<Number>(field.slot, value, otherwise);
}

template <class Integer>
void add_integer(FlatBufferBuilder& builder, const Field& field, std::int64_t value) {
  add_number(builder, field, static_cast<Integer>(value), static_cast<Integer>(field.default_integer));
}

void add_scalar(FlatBufferBuilder& builder, const Field& field, std::int64_t value) {
  if (field.kind == Kind::floating && field.width == 8) {
    add_number(builder, field, std::bit_cast<double>(value), field.default_real);
  } else if (field.kind == Kind::floating) {
    add_number(builder, field, std::bit_cast<float>(static_cast<std::uint32_t>(value)),
               static_cast<float>(field.default_real));
  } else if (field.width == 8) {
    add_integer<std::int64_t>(builder, field, value);
  } else if (field.width == 4) {
    add_integer<std::int32_t>(builder, field, value);
  } else if (field.width == 2) {
    add_integer<std::int16_t>(builder, field, value);
  } else {
    add_integer<std::int8_t>(builder, field, value);
  }
}

template <class Visit>
void for_each_present(const ParkedTable& parked, const Visit& visit) {
  for (std::uint64_t rest = parked.present; rest != 0; rest &= rest - 1) {
    const auto index = static_cast<std::size_t>(std::countr_zero(rest));
    visit(index, parked.table.fields[index], parked.values[index]);
  }
}

}  // namespace

uoffset_t build_table(FlatBufferBuilder& builder, const ParkedTable& parked, const ParkedLists& lists) {
  std::array<uoffset_t, ParkedTable::kMaxFields> references;
  for_each_present(parked, [&](std::size_t index, const Field& field, const ParkedValue& value) {
    if (field.is_list)
      references[index] = build_list(builder, field, value, lists);
    else if (field.kind == Kind::text)
      references[index] = builder.CreateString(value.text()).o;
    else if (field.kind == Kind::table)
      references[index] = static_cast<uoffset_t>(value.integer);
  });
  const uoffset_t start = builder.StartTable();
  // Widest first: no padding between fields.
  for (const std::uint8_t width : {8, 4, 2, 1}) {
    for_each_present(parked, [&](std::size_t index, const Field& field, const ParkedValue& value) {
      const bool reference = field.is_list || field.width == 0;
      if (reference && width == sizeof(uoffset_t))
        builder.AddOffset(field.slot, Reference(references[index]));
      else if (!reference && field.width == width)
        add_scalar(builder, field, value.integer);
    });
  }
  return builder.EndTable(start);
}

}  // namespace flowstone::schemas
