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

}  // namespace flowstone::schemas
