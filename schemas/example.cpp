#include "schemas/attributes.hpp"
#include "schemas/json_writer.hpp"
#include "schemas/openapi.hpp"

namespace flowstone::schemas {
namespace {

bool written_as_text(const Field& field) {
  return field.is_time() || field.kind == Kind::enumeration || (field.kind == Kind::text && field.format != "json");
}

void write_example(JsonWriter& out, const Field& field, std::string_view example) {
  if (written_as_text(field))
    out.text(example);
  else
    out.raw(example);
}

// A list of tables has one item; an optional table is left out, because its own fields may be wrong beside the others.
std::string nested_example(const Field& field) {
  if (!field.mandatory) return {};
  std::string nested = example_json(*field.table);
  if (nested == "{}") return {};
  return field.is_list ? fmt::format("[{}]", nested) : nested;
}

constexpr std::string_view kExampleDigest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

// What a field without an example shows.
void write_offered(JsonWriter& out, const Field& field) {
  if (field.is_time()) return out.text(kExampleTime);
  switch (field.kind) {
    case Kind::boolean:
      return out.boolean(field.default_integer != 0);
    case Kind::enumeration:
      return out.text(field.values.front().name);
    case Kind::floating:
      return out.number(field.default_real);
    case Kind::integer:
    case Kind::unsigned_integer:
      return out.number(field.default_integer);
    case Kind::text:
      return out.text(field.format == "uuid" ? kExampleId : field.format == "digest" ? kExampleDigest : "");
    case Kind::table:
      return;
  }
}

}  // namespace

std::string example_value(const Field& field) {
  if (field.kind == Kind::table) return nested_example(field);
  if (field.example.empty() || field.hidden) return {};
  JsonWriter out;
  if (!field.is_list) {
    write_example(out, field, field.example);
    return out.take();
  }
  out.list([&] {
    for (const std::string_view item : split_by_comma(field.example)) write_example(out, field, item);
  });
  return out.take();
}

std::string example_json(const Table& table) {
  JsonWriter out;
  out.object([&] {
    for (const Field& field : table.fields) {
      if (const std::string example = example_value(field); !example.empty()) out.key(field.name).raw(example);
    }
  });
  return out.take();
}

std::string example_item(const Field& field) {
  if (field.kind == Kind::table) return example_answer(*field.table);
  JsonWriter out;
  if (!field.example.empty())
    write_example(out, field, field.is_list ? split_by_comma(field.example).front() : field.example);
  else
    write_offered(out, field);
  return out.take();
}

std::string example_answer(const Table& table) {
  JsonWriter out;
  out.object([&] {
    for (const Field& field : table.fields) {
      if (field.hidden || field.cleared) continue;
      if (field.example.empty() && !is_always_there(table, field)) continue;
      out.key(field.name);
      if (field.is_list && !field.example.empty())
        out.raw(example_value(field));
      else if (field.is_list)
        out.list([&] { out.raw(example_item(field)); });
      else
        out.raw(example_item(field));
    }
  });
  return out.take();
}

bool is_always_there(const Table& table, const Field& field) {
  const bool scalar = field.width != 0 && !field.is_list && !field.optional_scalar;
  return field.mandatory || scalar || (field.name == "id" && table.find("revision") != nullptr);
}

}  // namespace flowstone::schemas
