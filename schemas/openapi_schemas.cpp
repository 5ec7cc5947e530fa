#include "schemas/openapi_schemas.hpp"

#include <algorithm>

#include "schemas/openapi.hpp"
#include "schemas/references.hpp"

namespace flowstone::schemas {
namespace {

constexpr unsigned kWidestExact = 4;  // bytes: limits of wider integers cannot be told exactly by every reader of JSON

void collect(const Table& table, std::set<const Table*>& found) {
  if (!found.insert(&table).second) return;
  for (const Field& field : table.fields) {
    if (field.table != nullptr) collect(*field.table, found);
  }
}

bool is_shown(const Field& field) { return !field.hidden && !field.cleared; }

bool is_integer(const Field& field) { return field.kind == Kind::integer || field.kind == Kind::unsigned_integer; }

std::string_view pattern_of_format(std::string_view format) {
  if (format == "code") return "^[A-Za-z0-9][A-Za-z0-9_.-]*$";
  if (format == "digest") return "^[0-9a-f]{64}$";
  if (format == "stream") return "^[a-z][a-z0-9_.]*-[^\\s]+$";
  return {};
}

std::string_view type_of(const Field& field) {
  switch (field.kind) {
    case Kind::boolean:
      return "boolean";
    case Kind::integer:
    case Kind::unsigned_integer:
      return field.is_time() ? "string" : "integer";
    case Kind::floating:
      return "number";
    case Kind::text:
    case Kind::enumeration:
      return "string";
    case Kind::table:
      return "object";
  }
  return {};
}

void write_type(JsonWriter& out, std::string_view type, bool nullable) {
  out.key("type");
  if (!nullable) return out.text(type);
  out.list([&] {
    out.text(type);
    out.text("null");
  });
}

void write_names(JsonWriter& out, const Field& field, bool in_requests, bool nullable) {
  out.key("enum").list([&] {
    if (in_requests && !field.allowed.empty()) {
      for (const std::string_view name : field.allowed) out.text(name);
    } else {
      for (const EnumValue& value : field.values) out.text(value.name);
    }
    if (nullable) out.raw("null");
  });
}

void write_integer_rules(JsonWriter& out, const Field& field) {
  out.key("format").text(field.width == 8 ? "int64" : "int32");
  const unsigned bits = field.width * 8U;
  if (field.minimum)
    out.key("minimum").number(*field.minimum);
  else if (field.kind == Kind::unsigned_integer)
    out.key("minimum").number(0);
  else if (field.width < kWidestExact)
    out.key("minimum").number(-(std::int64_t{1} << (bits - 1)));
  if (field.maximum)
    out.key("maximum").number(*field.maximum);
  else if (field.width <= kWidestExact) {
    out.key("maximum").number((std::uint64_t{1} << (field.kind == Kind::unsigned_integer ? bits : bits - 1)) - 1);
  }
}

void write_text_rules(JsonWriter& out, const Field& field) {
  if (field.format == "uuid") out.key("format").text("uuid");
  if (field.format == "base64") out.key("contentEncoding").text("base64");
  if (field.min_length) out.key("minLength").number(*field.min_length);
  const auto most = field.is_list ? field.item_max_length : field.max_length;
  if (most) out.key("maxLength").number(*most);
  if (!field.pattern.empty())
    out.key("pattern").text(fmt::format("^(?:{})$", field.pattern));
  else if (const auto pattern = pattern_of_format(field.format); !pattern.empty())
    out.key("pattern").text(pattern);
}

void write_rules(JsonWriter& out, const Field& field, bool in_requests, bool nullable) {
  if (field.is_time()) return out.key("format").text("date-time");
  if (field.kind == Kind::enumeration) return write_names(out, field, in_requests, nullable);
  if (is_integer(field)) return write_integer_rules(out, field);
  if (field.kind == Kind::text && in_requests && !field.allowed.empty()) return write_names(out, field, true, nullable);
  if (field.kind == Kind::text) return write_text_rules(out, field);
  if (field.kind != Kind::floating) return;
  out.key("format").text(field.width == 8 ? "double" : "float");
  if (field.minimum) out.key("minimum").number(*field.minimum);
  if (field.maximum) out.key("maximum").number(*field.maximum);
}

void write_default(JsonWriter& out, const Field& field) {
  if (field.is_list || field.width == 0 || field.optional_scalar || field.mandatory || field.is_time()) return;
  // What nobody may send only says that the field was left out.
  if (field.minimum && static_cast<double>(field.default_integer) < *field.minimum) return;
  out.key("default");
  if (field.kind == Kind::boolean) return out.boolean(field.default_integer != 0);
  if (field.kind == Kind::floating) return out.number(field.default_real);
  if (field.kind != Kind::enumeration) return out.number(field.default_integer);
  const auto found = std::ranges::find(field.values, field.default_integer, &EnumValue::value);
  if (found == field.values.end())
    out.raw("null");
  else
    out.text(found->name);
}

std::string description_of(const Field& field, bool nullable) {
  std::string text(field.doc);
  const auto add = [&text](std::string_view sentence) {
    if (!text.empty()) text.push_back(' ');
    text.append(sentence);
  };
  if (field.target) add("Of the entity: from the path, chosen by the client, or made by the server.");
  if (field.refers_to_any())
    add("Stream of an existing entity.");
  else if (field.reference == kActorReference)
    add("A key must exist.");
  else if (!field.reference.empty())
    add(fmt::format("Id of an existing {}.", field.reference));
  if (field.unique)
    add(field.unique_ignores_case ? "Unique in the workspace without regard to case." : "Unique in the workspace.");
  if (nullable) add("`null` removes the value.");
  return text;
}

void write_any_event(JsonWriter& out) {
  out.key("anyOf").list([&] {
    for (const Member& event : contracts().events()) write_reference(out, event.table->name);
  });
}

std::string example_of_field(const Field& field, bool in_requests) {
  const bool nested_answer = !in_requests && field.kind == Kind::table && field.mandatory && !field.is_list;
  return nested_answer ? example_item(field) : example_value(field);
}

void write_field_schema(JsonWriter& out, const Field& field, bool in_requests) {
  const bool nullable = in_requests && field.clearable;
  out.object([&] {
    if (field.is_list) {
      write_type(out, "array", nullable);
      if (field.min_items) out.key("minItems").number(*field.min_items);
      if (field.max_items) out.key("maxItems").number(*field.max_items);
      if (field.unique_items) out.key("uniqueItems").boolean(true);
      out.key("items");
      write_value_schema(out, field, in_requests);
    } else if (field.kind == Kind::table) {
      out.key("$ref").text(fmt::format("#/components/schemas/{}", field.table->name));
    } else if (field.any_event) {
      write_any_event(out);
    } else if (field.format != "json") {
      write_type(out, type_of(field), nullable);
      write_rules(out, field, in_requests, nullable);
    }
    if (in_requests) write_default(out, field);
    if (const std::string text = description_of(field, nullable); !text.empty()) out.key("description").text(text);
    if (const std::string example = example_of_field(field, in_requests); !example.empty())
      out.key("examples").list([&] { out.raw(example); });
    if (field.personal) out.key("x-flowstone-personal").boolean(true);
  });
}

}  // namespace

bool takes_body(const Call& call) {
  return call.method != "GET" && call.method != "DELETE" && call.parameters != "none" && call.parameters != "request";
}

bool answers_list(const Call& call) {
  return call.query == Query::list || call.parameters == "events" || call.parameters == "audit" ||
         call.parameters == "search" || call.name.starts_with("list_");
}

bool streams(const Call& call, std::string_view media) {
  return std::ranges::find(call.media, media) != call.media.end();
}

std::string list_name(const Table& items) { return fmt::format("{}List", items.name); }

std::set<const Table*> tables_of_requests(const Contracts& contracts) {
  std::set<const Table*> found;
  for (const Call& call : contracts.calls()) {
    if (takes_body(call)) collect(*call.request, found);
  }
  return found;
}

bool can_begin_with_snapshot(const Call& call) {
  return call.parameters == "events" && call.path.find("/{id}/") != std::string_view::npos;
}

std::vector<std::string_view> stream_marks(const Call& call) {
  if (call.parameters != "events") return {};
  std::vector<std::string_view> marks{"StreamProgress", "StreamEnd"};
  if (can_begin_with_snapshot(call)) marks.emplace_back("StreamSnapshot");
  return marks;
}

std::set<const Table*> tables_described(const Contracts& contracts) {
  std::set<const Table*> found = tables_of_requests(contracts);
  for (const Call& call : contracts.calls()) {
    if (call.content.empty()) collect(*call.response, found);
    for (const std::string_view mark : stream_marks(call)) collect(*contracts.find_table(mark), found);
  }
  for (const Member& event : contracts.events()) collect(*event.table, found);
  if (const Table* problem = contracts.find_table("Problem")) collect(*problem, found);
  return found;
}

void write_reference(JsonWriter& out, std::string_view schema) {
  out.object([&] { out.key("$ref").text(fmt::format("#/components/schemas/{}", schema)); });
}

void write_value_schema(JsonWriter& out, const Field& field, bool in_requests) {
  if (field.kind == Kind::table) return write_reference(out, field.table->name);
  out.object([&] {
    if (field.format == "json") return;
    write_type(out, type_of(field), false);
    write_rules(out, field, in_requests, false);
  });
}

void write_table_schema(JsonWriter& out, const Table& table, bool in_requests) {
  out.object([&] {
    out.key("type").text("object");
    if (!table.doc.empty()) out.key("description").text(table.doc);
    const auto is_required = [&](const Field& field) {
      return is_shown(field) && (in_requests ? field.mandatory : is_always_there(table, field));
    };
    if (std::ranges::any_of(table.fields, is_required)) {
      out.key("required").list([&] {
        for (const Field& field : table.fields) {
          if (is_required(field)) out.text(field.name);
        }
      });
    }
    out.key("properties").object([&] {
      for (const Field& field : table.fields) {
        if (!is_shown(field)) continue;
        out.key(field.name);
        write_field_schema(out, field, in_requests);
      }
    });
    if (in_requests) out.key("additionalProperties").boolean(false);
  });
}

void write_list_schema(JsonWriter& out, const Table& items, bool of_events) {
  const auto position = [&](std::string_view name, std::string_view description) {
    out.key(name).object([&] {
      out.key("type").text("integer");
      out.key("format").text("int64");
      out.key("minimum").number(0);
      out.key("description").text(description);
    });
  };
  out.object([&] {
    out.key("type").text("object");
    out.key("required").list([&] {
      for (const std::string_view name : {"items", "next_cursor", "position"}) out.text(name);
      if (of_events) out.text("head");
    });
    out.key("properties").object([&] {
      out.key("items").object([&] {
        out.key("type").text("array");
        out.key("items");
        write_reference(out, items.name);
      });
      out.key("next_cursor").object([&] {
        write_type(out, "string", true);
        out.key("description")
            .text(of_events ? "A position: give it as `from` to read on. Null when the range has been read to its end."
                            : "Give it as `cursor` to read on. Null on the last page.");
      });
      if (of_events) {
        position("position",
                 "How far this page has looked at the log, whether events matched or not: of its last event, or the "
                 "end of what was asked for. It is below `head` where more is to be read.");
        position("head", "The last position of the log when the page was asked for.");
      } else {
        position("position", "The position in the log that this answer reflects.");
      }
    });
  });
}

std::string example_list(const Table& items, bool of_events) {
  JsonWriter out;
  out.object([&] {
    out.key("items").list([&] { out.raw(example_answer(items)); });
    out.key("next_cursor").raw("null");
    out.key("position").number(42);
    if (of_events) out.key("head").number(42);
  });
  return out.take();
}

}  // namespace flowstone::schemas
