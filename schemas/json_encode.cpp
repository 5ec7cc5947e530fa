#include "schemas/json_encode.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/time.hpp"

namespace flowstone::schemas {
namespace {

// 0000-01-01T00:00:00Z to 9999-12-31T23:59:59.999999Z: what RFC 3339 can say.
constexpr std::int64_t kFirstMicros = -62'167'219'200'000'000;
constexpr std::int64_t kLastMicros = 253'402'300'799'999'999;

template <class Number>
void append_number(Number value, std::string& out) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

void append_time(std::int64_t micros, std::string& out) {
  out.push_back('"');
  out.append(to_rfc3339(Timestamp{std::clamp(micros, kFirstMicros, kLastMicros)}));
  out.push_back('"');
}

// A value that the contract does not name was written under a later one; it is shown as its number.
void append_enumeration(const Field& field, std::int64_t value, std::string& out) {
  for (const EnumValue& known : field.values) {
    if (known.value != value) continue;
    out.push_back('"');
    out.append(known.name);
    out.push_back('"');
    return;
  }
  append_number(value, out);
}

void append_integer(const Field& field, std::int64_t value, std::string& out) {
  if (field.kind == Kind::enumeration)
    append_enumeration(field, value, out);
  else if (field.kind == Kind::boolean)
    out.append(value != 0 ? "true" : "false");
  else if (field.is_time())
    append_time(value, out);
  else if (field.kind == Kind::unsigned_integer)
    append_number(static_cast<std::uint64_t>(value), out);
  else
    append_number(value, out);
}

// JSON has no word for what is not finite.
void append_real(double value, std::string& out) {
  if (std::isfinite(value))
    append_number(value, out);
  else
    out.append("null");
}

void append_text(const Field& field, std::string_view text, std::string& out) {
  if (field.format != "json")
    append_json_string(text, out);
  else
    out.append(text.empty() ? "null" : text);
}

void append_item(const Field& field, const flatbuffers::Table& table, std::uint32_t index, std::string& out,
                 const EncodeOptions& options) {
  switch (field.kind) {
    case Kind::text:
      return append_text(field, read_text_item(table, field, index), out);
    case Kind::table:
      return encode_table(*field.table, *table.GetPointer<const TableList*>(field.slot)->Get(index), out, options);
    case Kind::floating:
      return append_real(read_real_item(table, field, index), out);
    case Kind::boolean:
    case Kind::integer:
    case Kind::unsigned_integer:
    case Kind::enumeration:
      return append_integer(field, read_integer_item(table, field, index), out);
  }
}

}  // namespace

void encode_field(const Field& field, const flatbuffers::Table& table, std::string& out, const EncodeOptions& options) {
  if (field.is_list) {
    out.push_back('[');
    const std::uint32_t size = list_size(table, field);
    for (std::uint32_t i = 0; i < size; ++i) {
      if (i != 0) out.push_back(',');
      append_item(field, table, i, out, options);
    }
    out.push_back(']');
    return;
  }
  switch (field.kind) {
    case Kind::text:
      return append_text(field, read_text(table, field), out);
    case Kind::table:
      return encode_table(*field.table, *table.GetPointer<const flatbuffers::Table*>(field.slot), out, options);
    case Kind::floating:
      return append_real(read_real(table, field), out);
    case Kind::boolean:
    case Kind::integer:
    case Kind::unsigned_integer:
    case Kind::enumeration:
      return append_integer(field, read_integer(table, field), out);
  }
}

void encode_table(const Table& contract, const flatbuffers::Table& table, std::string& out,
                  const EncodeOptions& options) {
  out.push_back('{');
  bool first = true;
  for (const Field& field : contract.fields) {
    if (field.hidden && !options.hidden) continue;
    const bool present = has_value(table, field);
    if (!present && !options.nulls) continue;
    out.append(first ? "\"" : ",\"");
    first = false;
    out.append(field.name);
    out.append("\":");
    if (present)
      encode_field(field, table, out, options);
    else
      out.append("null");
  }
  out.push_back('}');
}

void encode_json(const Table& table, BytesView flatbuffer, std::string& out, const EncodeOptions& options) {
  encode_table(table, root_of(flatbuffer), out, options);
}

}  // namespace flowstone::schemas
