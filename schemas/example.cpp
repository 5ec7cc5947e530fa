#include <algorithm>

#include "schemas/attributes.hpp"
#include "schemas/json_writer.hpp"
#include "schemas/openapi.hpp"
#include "schemas/openapi_schemas.hpp"

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

constexpr std::string_view kSomeId = "01920000-0000-7000-8000-000000000001";
constexpr std::string_view kSomeTime = "2030-01-01T10:00:00Z";
constexpr std::string_view kSomeDigest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

void write_some_text(JsonWriter& out, const Field& field) {
  if (field.format == "uuid" || field.name == "id") return out.text(kSomeId);
  if (field.format == "digest") return out.text(kSomeDigest);
  if (field.format == "stream") return out.text(fmt::format("task-{}", kSomeId));
  if (field.format == "json") return out.raw("{}");
  out.text(field.name);
}

// A value that the field may have, where its contract gives no example.
void write_some_value(JsonWriter& out, const Field& field) {
  if (field.is_list) return out.raw("[]");
  if (field.is_time()) return out.text(kSomeTime);
  switch (field.kind) {
    case Kind::boolean:
      return out.boolean(field.default_integer != 0);
    case Kind::integer:
    case Kind::unsigned_integer:
      return out.number(
          std::max<std::int64_t>({field.default_integer, static_cast<std::int64_t>(field.minimum.value_or(0)), 1}));
    case Kind::floating:
      return out.number(field.default_real);
    case Kind::enumeration:
      return out.text(field.values.front().name);
    case Kind::text:
      return write_some_text(out, field);
    case Kind::table:
      return out.raw(answer_example(*field.table));
  }
}

}  // namespace

std::string answer_example(const Table& table) {
  JsonWriter out;
  out.object([&] {
    for (const Field& field : table.fields) {
      if (field.hidden || field.cleared) continue;
      if (const std::string example = field.kind == Kind::table ? "" : example_value(field); !example.empty()) {
        out.key(field.name).raw(example);
      } else if (is_always_there(table, field)) {
        out.key(field.name);
        write_some_value(out, field);
      }
    }
  });
  return out.take();
}

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
