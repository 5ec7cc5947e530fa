#include "schemas/row.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

#include "base/time.hpp"
#include "schemas/json_encode.hpp"
#include "schemas/table_view.hpp"
#include "schemas/value_rules.hpp"

namespace flowstone::schemas {
namespace {

constexpr std::size_t kMaxKeyText = 64;  // bytes of a text that take part in the order
constexpr char kPresent = '\x01';
constexpr std::uint64_t kSignBit = 1ULL << 63;

Bytes big_endian_key(std::uint64_t ordered) {
  Bytes key(1, kPresent);
  for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(ordered >> shift & 0xFF));
  return key;
}

Bytes integer_key(const Field& field, std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return big_endian_key(field.kind == Kind::unsigned_integer ? bits : bits ^ kSignBit);
}

// IEEE 754 bits sort as numbers once negative ones are inverted and the others have their sign flipped.
Bytes real_key(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  return big_endian_key((bits & kSignBit) != 0 ? ~bits : bits ^ kSignBit);
}

Bytes text_key(std::string_view text) {
  Bytes key(1, kPresent);
  for (const char c : text) {
    if (key.size() > kMaxKeyText) break;
    if (c != '\0') key.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return key;
}

Bytes item_key(const Field& field, const flatbuffers::Table& table, std::uint32_t index) {
  if (field.kind == Kind::text) return text_key(read_text_item(table, field, index));
  if (field.kind == Kind::floating) return real_key(read_real_item(table, field, index));
  return integer_key(field, read_integer_item(table, field, index));
}

Bytes value_key(const Field& field, const flatbuffers::Table& table) {
  if (field.kind == Kind::text) return text_key(read_text(table, field));
  if (field.kind == Kind::floating) return real_key(read_real(table, field));
  return integer_key(field, read_integer(table, field));
}

std::optional<std::int64_t> integer_named(const Field& field, std::string_view text) {
  std::int64_t value = 0;
  if (field.kind == Kind::boolean) {
    if (text != "true" && text != "false") return std::nullopt;
    return text == "true" ? 1 : 0;
  }
  if (field.kind == Kind::enumeration) {
    const auto found = std::ranges::find(field.values, text, &EnumValue::name);
    return found == field.values.end() ? std::nullopt : std::optional(found->value);
  }
  if (field.is_time()) return read_time(text, value) ? std::nullopt : std::optional(value);
  if (!is_decimal_integer(text) || read_number(field, text, value)) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::int64_t> integer_of(const Field& field, BytesView flatbuffer) {
  const flatbuffers::Table& table = root_of(flatbuffer);
  if (field.is_list || field.width == 0 || field.kind == Kind::floating || !has_value(table, field))
    return std::nullopt;
  return read_integer(table, field);
}

std::optional<std::string_view> text_of(const Field& field, BytesView flatbuffer) {
  const flatbuffers::Table& table = root_of(flatbuffer);
  if (field.is_list || field.kind != Kind::text || !has_value(table, field)) return std::nullopt;
  return read_text(table, field);
}

std::vector<Bytes> index_keys(const Field& field, BytesView flatbuffer) {
  const flatbuffers::Table& table = root_of(flatbuffer);
  std::vector<Bytes> keys;
  if (field.kind != Kind::table && !field.is_list && has_value(table, field)) keys.push_back(value_key(field, table));
  if (field.kind != Kind::table && field.is_list) {
    const std::uint32_t size = list_size(table, field);
    for (std::uint32_t i = 0; i < size; ++i) keys.push_back(item_key(field, table, i));
    // Two items may differ in case alone, or beyond what takes part in the order.
    std::ranges::sort(keys);
    keys.erase(std::ranges::unique(keys).begin(), keys.end());
  }
  if (keys.empty()) keys.emplace_back();
  return keys;
}

std::optional<Bytes> index_key_of(const Field& field, std::string_view text) {
  switch (field.kind) {
    case Kind::text:
      return text_key(text);
    case Kind::table:
      return std::nullopt;
    case Kind::floating: {
      std::int64_t bits = 0;
      if (!is_json_number(text) || read_number(field, text, bits)) return std::nullopt;
      if (field.width == 8) return real_key(std::bit_cast<double>(bits));
      return real_key(static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits))));
    }
    case Kind::boolean:
    case Kind::integer:
    case Kind::unsigned_integer:
    case Kind::enumeration:
      break;
  }
  const auto value = integer_named(field, text);
  if (!value) return std::nullopt;
  return integer_key(field, *value);
}

std::optional<std::string> field_json(const Field& field, BytesView flatbuffer) {
  const flatbuffers::Table& table = root_of(flatbuffer);
  if (!has_value(table, field)) return std::nullopt;
  std::string json;
  encode_field(field, table, json, {});
  return json;
}

std::vector<Change> changes_between(const Table& table, BytesView before, BytesView after) {
  std::vector<Change> changes;
  for (const Field& field : table.fields) {
    if (field.hidden) continue;
    auto from = before.empty() ? std::nullopt : field_json(field, before);
    auto to = after.empty() ? std::nullopt : field_json(field, after);
    if (from != to) changes.push_back({field.name, std::move(from), std::move(to)});
  }
  return changes;
}

}  // namespace flowstone::schemas
