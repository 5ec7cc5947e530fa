#include "schemas/openapi_parameters.hpp"

#include <algorithm>

#include "schemas/openapi.hpp"
#include "schemas/openapi_schemas.hpp"

namespace flowstone::schemas {
namespace {

constexpr std::string_view kPositionSchema = R"({"type":"integer","format":"int64","minimum":0})";
constexpr std::string_view kTextSchema = R"({"type":"string","minLength":1})";
constexpr std::string_view kUuidSchema = R"({"type":"string","format":"uuid"})";
constexpr std::string_view kStreamSchema =
    R"({"type":"string","pattern":"^[a-z][a-z0-9_.]*-[^\\s]+$","maxLength":512})";

// A parameter that several calls have.
struct Shared {
  std::string_view component;
  std::string_view name;
  std::string_view in;
  std::string_view schema;
  std::string_view description;
  std::string_view example;  // JSON; without one where only the server knows a good value
};

constexpr Shared kShared[] = {
    {"Limit", "limit", "query", R"({"type":"integer","minimum":1,"maximum":200,"default":50})",
     "The most items in one answer.", R"(20)"},
    {"EventLimit", "limit", "query", R"({"type":"integer","minimum":1,"maximum":1000,"default":100})",
     "The most events in one answer.", R"(100)"},
    {"Cursor", "cursor", "query", kTextSchema, "`next_cursor` of the page before, with the same filters and sort.", {}},
    {"MinPosition", "min_position", "query", kPositionSchema,
     "Wait, for a bounded time, until the answer reflects this position: give the `Flowstone-Position` of a command to "
     "see what it wrote.",
     R"(1)"},
    {"AsOf", "as_of", "query", kTextSchema, "Answer as it was at this position or RFC 3339 time.",
     R"("2030-01-01T00:00:00Z")"},
    {"IdempotencyKey", "Idempotency-Key", "header", R"({"type":"string","minLength":1,"maxLength":255})",
     "Chosen by the client. The same key with the same request is carried out once and answered alike for ever; with "
     "another request it is refused.",
     R"("8e03978e-40d5-43e8-bc93-6894a57f9324")"},
    {"IfMatch", "If-Match", "header", R"({"type":"string"})", "The `ETag` that the entity must still have.", {}},
    {"Prefer", "Prefer", "header", R"({"type":"string"})",
     "RFC 7240. `respond-async`: answer as soon as the work is accepted, where it becomes a run. Other preferences are "
     "ignored.",
     R"("respond-async")"},
    {"RequestId", "X-Request-ID", "header", R"({"type":"string","maxLength":128})",
     "Comes back in the answer, and is kept with each event.", R"("import-7")"},
    {"TraceParent", "traceparent", "header", R"({"type":"string"})", "W3C Trace Context.",
     R"("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")"},
    {"From", "from", "query", kPositionSchema, "The first position of the answer; the last one when reading backward.",
     R"(1)"},
    {"Direction", "direction", "query", R"({"type":"string","enum":["forward","backward"],"default":"forward"})",
     "Order of positions.", R"("forward")"},
    {"Type", "type", "query", R"({"type":"array","items":{"type":"string"}})", "Event types such as `task.completed`.",
     R"(["task.created","task.completed"])"},
    {"Category", "category", "query", R"({"type":"array","items":{"type":"string"}})",
     "Categories of streams such as `task`.", R"(["task","intent"])"},
    {"StreamFilter", "stream", "query", kStreamSchema,
     "One stream such as `task-01920000-0000-7000-8000-000000000001`.",
     R"("task-01920000-0000-7000-8000-000000000001")"},
    {"Actor", "actor", "query", kTextSchema, "Who did it.", R"("key:01920000-0000-7000-8000-000000000002")"},
    {"Correlation", "correlation", "query", kTextSchema, "What belongs together.", R"("import-7")"},
    {"Until", "until", "query", kTextSchema, "Position or RFC 3339 time up to which to read.",
     R"("2030-01-01T00:00:00Z")"},
    {"Follow", "follow", "query", R"({"type":"boolean"})",
     "Go on with new events as they happen; streamed answers do so unless this is false.", R"(false)"},
    {"Ticket", "ticket", "query", kTextSchema, "For WebSockets of browsers: a pass from `POST /v1/tickets`.", {}},
    {"Entity", "entity", "query", kStreamSchema, "The stream of the entity.",
     R"("task-01920000-0000-7000-8000-000000000001")"},
    {"Since", "since", "query", kTextSchema, "Position or RFC 3339 time from which to read.", R"("1")"},
    {"Size", "size", "query", kPositionSchema, "Number of leaves; the whole log unless given.", R"(1)"},
};

void refer(JsonWriter& out, std::string_view component) {
  out.object([&] { out.key("$ref").text(fmt::format("#/components/parameters/{}", component)); });
}

template <class Schema>
void write_query(JsonWriter& out, std::string_view name, std::string_view description, std::string_view example,
                 const Schema& schema) {
  out.object([&] {
    out.key("name").text(name);
    out.key("in").text("query");
    out.key("description").text(description);
    schema();
    if (!example.empty()) out.key("example").raw(example);
  });
}

void write_filter(JsonWriter& out, const Field& field) {
  const std::string example = example_value(field);
  write_query(out, field.name,
              fmt::format("Only items with one of these values of `{}`, separated by commas.", field.name),
              field.is_list || example.empty() ? example : fmt::format("[{}]", example), [&] {
                out.key("style").text("form");
                out.key("explode").boolean(false);
                out.key("schema").object([&] {
                  out.key("type").text("array");
                  out.key("items");
                  write_value_schema(out, field, false);
                });
              });
}

void write_bound(JsonWriter& out, const Field& field, std::string_view suffix, std::string_view word) {
  write_query(out, fmt::format("{}_{}", field.name, suffix),
              fmt::format("Only items whose `{}` is {}.", field.name, word), example_value(field), [&] {
                out.key("schema");
                write_value_schema(out, field, false);
              });
}

bool is_number(const Field& field) {
  return !field.is_time() &&
         (field.kind == Kind::integer || field.kind == Kind::unsigned_integer || field.kind == Kind::floating);
}

void write_sort(JsonWriter& out, const Table& state) {
  const Field* const example = state.find("updated_at");
  write_query(out, "sort", "The field to sort by; `-` before it turns the order round.",
              example != nullptr && example->index ? R"("-updated_at")" : "", [&] {
                out.key("schema").object([&] {
                  out.key("type").text("string");
                  out.key("enum").list([&] {
                    for (const Field& field : state.fields) {
                      if (!field.index || field.is_list) continue;
                      out.text(field.name);
                      out.text(fmt::format("-{}", field.name));
                    }
                  });
                });
              });
}

void write_page(JsonWriter& out, const Table& state) {
  refer(out, "Limit");
  refer(out, "Cursor");
  write_sort(out, state);
  for (const Field& field : state.fields) {
    if (!field.index) continue;
    write_filter(out, field);
    if (field.is_time()) {
      write_bound(out, field, "after", "this time or later");
      write_bound(out, field, "before", "before this time");
    } else if (is_number(field)) {
      write_bound(out, field, "min", "at least this");
      write_bound(out, field, "max", "at most this");
    }
  }
}

void write_events(JsonWriter& out, const Call& call) {
  for (const std::string_view name : {"From", "EventLimit", "Direction", "Type"}) refer(out, name);
  // Below a run or a stream there is but one stream.
  if (call.path.find('{') == std::string_view::npos) {
    refer(out, "Category");
    refer(out, "StreamFilter");
  }
  for (const std::string_view name : {"Actor", "Correlation", "Until", "Follow"}) refer(out, name);
}

void write_path_parameters(JsonWriter& out, std::string_view path) {
  for (auto open = path.find('{'); open != std::string_view::npos; open = path.find('{', open + 1)) {
    const std::string_view name = path.substr(open + 1, path.find('}', open) - open - 1);
    out.object([&] {
      out.key("name").text(name);
      out.key("in").text("path");
      out.key("required").boolean(true);
      out.key("description").text(name == "id" ? "Of the entity." : fmt::format("The {}.", name));
      out.key("schema").raw(name == "id" ? kUuidSchema : name == "stream" ? kStreamSchema : kTextSchema);
      out.key("example").text(name == "id"       ? "01920000-0000-7000-8000-000000000001"
                              : name == "stream" ? "task-01920000-0000-7000-8000-000000000001"
                                                 : "tasks");
    });
  }
}

void write_group(JsonWriter& out, const Call& call) {
  if (call.query == Query::list) write_page(out, *call.response);
  if (call.query != Query::none) {
    refer(out, "MinPosition");
    refer(out, "AsOf");
  }
  if (call.parameters == "events") write_events(out, call);
  if (call.parameters == "audit") {
    for (const std::string_view name : {"Entity", "Actor", "Correlation", "Since", "Until", "Limit", "Cursor"})
      refer(out, name);
  }
  if (call.parameters == "tree_root") refer(out, "Size");
  if (call.parameters == "records") {
    refer(out, "From");
    refer(out, "EventLimit");
  }
  if (std::ranges::find(call.media, "websocket") != call.media.end()) refer(out, "Ticket");
}

}  // namespace

void write_parameters(JsonWriter& out, const Call& call) {
  out.key("parameters").list([&] {
    write_path_parameters(out, call.path);
    write_group(out, call);
    if (call.command != nullptr) {
      refer(out, "IdempotencyKey");
      if (call.path.find("{id}") != std::string_view::npos) refer(out, "IfMatch");
      refer(out, "Prefer");
    }
    refer(out, "RequestId");
    refer(out, "TraceParent");
  });
}

void write_shared_parameters(JsonWriter& out) {
  for (const Shared& shared : kShared) {
    out.key(shared.component).object([&] {
      out.key("name").text(shared.name);
      out.key("in").text(shared.in);
      out.key("description").text(shared.description);
      if (shared.schema.starts_with(R"({"type":"array")")) {
        out.key("style").text("form");
        out.key("explode").boolean(false);
      }
      out.key("schema").raw(shared.schema);
      if (!shared.example.empty()) out.key("example").raw(shared.example);
    });
  }
}

void write_shared_headers(JsonWriter& out) {
  const auto header = [&](std::string_view name, std::string_view schema, std::string_view description) {
    out.key(name).object([&] {
      out.key("description").text(description);
      out.key("schema").raw(schema);
    });
  };
  header("ETag", kTextSchema, "The entity's revision in quotes; give it as `If-Match`.");
  header("FlowstonePosition", kPositionSchema, "The position in the log that the answer reflects.");
  header("Location", kTextSchema, "Where the created entity is.");
  header("RequestId", kTextSchema, "The request's `X-Request-ID`, or one made by the server.");
  header("RetryAfter", R"({"type":"integer","minimum":0})", "Seconds after which to try again.");
}

}  // namespace flowstone::schemas
