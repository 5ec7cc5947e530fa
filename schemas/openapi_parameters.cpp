#include "schemas/openapi_parameters.hpp"

#include <algorithm>

#include "schemas/openapi.hpp"
#include "schemas/openapi_schemas.hpp"

namespace flowstone::schemas {
namespace {

constexpr std::string_view kPositionSchema = R"({"type":"integer","format":"int64","minimum":0})";
constexpr std::string_view kTextSchema = R"({"type":"string","minLength":1})";
constexpr std::string_view kUuidSchema = R"({"type":"string","format":"uuid"})";
constexpr std::string_view kStreamSchema = R"({"type":"string","pattern":"^[a-z][a-z0-9_]*-[!-~]+$","maxLength":255})";

// A parameter that several calls have.
struct Shared {
  std::string_view component;
  std::string_view name;
  std::string_view in;
  std::string_view schema;
  std::string_view example;  // JSON
  std::string_view description;
  bool required = false;
};

constexpr Shared kShared[] = {
    {"Limit", "limit", "query", R"({"type":"integer","minimum":1,"maximum":200,"default":50})", "20",
     "The most items in one answer."},
    {"EventLimit", "limit", "query", R"({"type":"integer","minimum":1,"maximum":1000,"default":100})", "100",
     "The most events in one answer; a stream ends after so many, and may be given more than a page."},
    {"Cursor", "cursor", "query", kTextSchema, R"("q0ofXfbXfP0AAAAAAAAA")",
     "`next_cursor` of the page before, with the same filters and sort."},
    {"MinPosition", "min_position", "query", kPositionSchema, "1",
     "Wait, for five seconds or what `Prefer: wait` says, until the answer reflects this position: give the "
     "`Flowstone-Position` of a command to see what it wrote."},
    {"AsOf", "as_of", "query", kTextSchema, R"("2999-12-31T23:59:59Z")",
     "Answer as it was at this position or RFC 3339 time."},
    {"IdempotencyKey", "Idempotency-Key", "header", R"({"type":"string","minLength":1,"maxLength":257})",
     R"("\"0b9e6a0c-import-7\"")",
     "Chosen by the client, up to 255 characters, in quotes or bare. The same key with the same request is carried out "
     "once and answered alike for ever; with another request it is refused."},
    {"IfMatch", "If-Match", "header", R"({"type":"string"})", R"("\"1\"")",
     "The `ETag` that the entity must still have; `*` asks only that it exists."},
    {"IfNoneMatch", "If-None-Match", "header", R"({"type":"string"})", R"("\"7\"")",
     "The `ETag` of what the client has; if it is still that, the answer is 304 without a body."},
    {"Prefer", "Prefer", "header", R"({"type":"string"})", R"("respond-async")",
     "RFC 7240. `respond-async`: answer as soon as the work is accepted, where it becomes a run. Other preferences are "
     "ignored."},
    {"PreferWait", "Prefer", "header", R"({"type":"string"})", R"("wait=2")",
     "RFC 7240. `wait`: the most seconds to wait for `min_position`. Other preferences are ignored."},
    {"RequestId", "X-Request-ID", "header", R"({"type":"string","minLength":1,"maxLength":128})",
     R"("nightly-import-2030-01-31")", "Comes back in the answer, and is kept with each event."},
    {"TraceParent", "traceparent", "header", R"({"type":"string"})",
     R"("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")", "W3C Trace Context."},
    {"From", "from", "query", kPositionSchema, "1",
     "The first position of the answer; the last one when reading backward."},
    {"Direction", "direction", "query", R"({"type":"string","enum":["forward","backward"],"default":"forward"})",
     R"("backward")", "Order of positions. Streams go forward only."},
    {"Type", "type", "query", R"({"type":"array","items":{"type":"string"}})", R"(["task.created","task.completed"])",
     "Event types such as `task.completed`, separated by commas."},
    {"Category", "category", "query", R"({"type":"array","items":{"type":"string"}})", R"(["task","run"])",
     "Categories of streams such as `task`, separated by commas."},
    {"StreamFilter", "stream", "query", kStreamSchema, R"("task-01920000-0000-7000-8000-000000000011")", "One stream."},
    {"Actor", "actor", "query", kTextSchema, R"("key:01920000-0000-7000-8000-0000000000aa")", "Who did it."},
    {"Correlation", "correlation", "query", kTextSchema, R"("nightly-import")", "What belongs together."},
    {"Until", "until", "query", kTextSchema, R"("2999-12-31T23:59:59Z")",
     "Position or RFC 3339 time up to which to read, itself included."},
    {"Follow", "follow", "query", R"({"type":"boolean"})", "false",
     "Go on with new events as they happen; streamed answers do so unless this is false or `until` is given. A JSON "
     "page "
     "never does."},
    {"Snapshot", "snapshot", "query", R"({"type":"boolean","default":false})", "false",
     "Begin with the run as it is, and go on with what comes then: streams only, without `from` and `until`. Who "
     "resumes by `Last-Event-ID` goes on without one."},
    {"LastEventId", "Last-Event-ID", "header", kPositionSchema, "1",
     "Of server-sent events: go on after this position, whatever `from` says. Browsers send it when they reconnect."},
    {"Ticket", "ticket", "query", kTextSchema, R"("Nwp5R1vZcX0uH2mT8qYb4K6eJ3sLfGdA")",
     "For WebSockets of browsers: a pass from `POST /v1/tickets` in place of the key. Only with an upgrade."},
    {"Entity", "entity", "query", kStreamSchema, R"("task-01920000-0000-7000-8000-000000000011")",
     "The stream of the entity."},
    {"Since", "since", "query", kTextSchema, R"("2000-01-01T00:00:00Z")",
     "Position or RFC 3339 time from which to read, itself included."},
    {"WebhookId", "webhook-id", "header", R"({"type":"string","minLength":1,"maxLength":255})",
     R"("msg_2KWPBgLlAfxdpx2AI54pPJ85f4W")", "Of a delivery, the same whenever it is sent again.", true},
    {"WebhookTimestamp", "webhook-timestamp", "header", R"({"type":"string","pattern":"^[0-9]{1,12}$"})",
     R"("1893456000")", "When it was sent: seconds since 1970, no more than five minutes from the server's clock.",
     true},
    {"WebhookSignature", "webhook-signature", "header", kTextSchema,
     R"("v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=")",
     "`v1,` and the base64 of HMAC-SHA-256 over `webhook-id.webhook-timestamp.body`, with the bytes behind `whsec_` as "
     "the key; several with spaces between.",
     true},
    {"Size", "size", "query", kPositionSchema, "1", "Number of leaves; the whole log unless given."},
};

void refer(JsonWriter& out, std::string_view component) {
  out.object([&] { out.key("$ref").text(fmt::format("#/components/parameters/{}", component)); });
}

template <class Schema>
void write_query(JsonWriter& out, std::string_view name, std::string_view description, const Schema& schema) {
  out.object([&] {
    out.key("name").text(name);
    out.key("in").text("query");
    out.key("description").text(description);
    schema();
  });
}

void write_filter(JsonWriter& out, const Field& field) {
  write_query(out, field.name,
              fmt::format("Only items with one of these values of `{}`, separated by commas.", field.name), [&] {
                out.key("style").text("form");
                out.key("explode").boolean(false);
                out.key("schema").object([&] {
                  out.key("type").text("array");
                  out.key("items");
                  write_value_schema(out, field, false);
                });
                out.key("example").list([&] { out.raw(example_item(field)); });
              });
}

void write_bound(JsonWriter& out, const Field& field, std::string_view suffix, std::string_view word) {
  write_query(out, fmt::format("{}_{}", field.name, suffix),
              fmt::format("Only items whose `{}` is {}.", field.name, word), [&] {
                out.key("schema");
                write_value_schema(out, field, false);
                out.key("example").raw(example_item(field));
              });
}

bool is_number(const Field& field) {
  return !field.is_time() &&
         (field.kind == Kind::integer || field.kind == Kind::unsigned_integer || field.kind == Kind::floating);
}

void write_sort(JsonWriter& out, const Table& state) {
  write_query(out, "sort",
              "The field to sort by; `-` before it turns the order round. Entities with equal values are in order of "
              "their ids.",
              [&] {
                out.key("schema").object([&] {
                  out.key("type").text("string");
                  out.key("enum").list([&] {
                    out.text("id");
                    out.text("-id");
                    for (const Field& field : state.fields) {
                      if (!field.index || field.is_list) continue;
                      out.text(field.name);
                      out.text(fmt::format("-{}", field.name));
                    }
                  });
                });
                out.key("example").text("-id");
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
  for (const std::string_view name : {"Actor", "Correlation", "Until", "Follow", "LastEventId"}) refer(out, name);
  if (can_begin_with_snapshot(call)) refer(out, "Snapshot");
}

// The fields of a request that has no body.
void write_fields(JsonWriter& out, const Table& request) {
  for (const Field& field : request.fields) {
    write_query(out, field.name, field.doc, [&] {
      if (field.mandatory) out.key("required").boolean(true);
      out.key("schema");
      write_value_schema(out, field, false);
      if (!field.example.empty()) out.key("example").raw(example_item(field));
    });
  }
}

std::string_view schema_of_path(std::string_view name) {
  if (name == "id") return kUuidSchema;
  if (name == "version") return R"({"type":"integer","minimum":1})";
  if (name == "token") return R"({"type":"string","minLength":1,"maxLength":255})";
  return name == "stream" || name == "entity" ? kStreamSchema : kTextSchema;
}

std::string example_of_path(std::string_view path, std::string_view name) {
  if (path.starts_with("/v1/review-queues/")) return "stale";
  if (name == "id") return std::string(kExampleId);
  if (name == "path") return "contract.md";
  if (path.starts_with("/v1/activities/")) return fmt::format("{}.5.0", kExampleId);
  if (name == "token") return "AZIAAAAAcACAAAAAAAAAqgGSAAAAAHAAgAAAAAAAABG0yY0dYQJjmHk2cJ1e7n1M";
  if (name == "entity") return fmt::format("insight-{}", kExampleId);
  return name == "stream" ? fmt::format("task-{}", kExampleId) : "tasks";
}

void write_path_parameters(JsonWriter& out, std::string_view path) {
  for (auto open = path.find('{'); open != std::string_view::npos; open = path.find('{', open + 1)) {
    const std::string_view name = path.substr(open + 1, path.find('}', open) - open - 1);
    out.object([&] {
      out.key("name").text(name);
      out.key("in").text("path");
      out.key("required").boolean(true);
      out.key("description").text(name == "id" ? "Of the entity." : fmt::format("The {}.", name));
      out.key("schema").raw(schema_of_path(name));
      out.key("example");
      name == "version" ? out.raw("1") : out.text(example_of_path(path, name));
    });
  }
}

void write_group(JsonWriter& out, const Call& call) {
  if (call.query == Query::list) write_page(out, *call.response);
  if (call.query != Query::none) {
    refer(out, "MinPosition");
    refer(out, "AsOf");
    refer(out, "PreferWait");
    if (call.query == Query::get) refer(out, "IfNoneMatch");
  }
  if (call.parameters == "events") write_events(out, call);
  if (call.parameters == "audit") {
    for (const std::string_view name :
         {"Entity", "Actor", "Correlation", "Since", "Until", "Limit", "Cursor", "MinPosition", "PreferWait"})
      refer(out, name);
  }
  if (call.parameters == "search") {
    write_fields(out, *call.request);
    for (const std::string_view name : {"Limit", "Cursor", "MinPosition", "PreferWait"}) refer(out, name);
  }
  if (call.parameters == "tree_root") refer(out, "Size");
  if (call.parameters == "records") {
    refer(out, "From");
    refer(out, "EventLimit");
  }
  if (call.parameters == "webhook") {
    for (const std::string_view name : {"WebhookId", "WebhookTimestamp", "WebhookSignature"}) refer(out, name);
  }
  if (call.parameters == "request") write_fields(out, *call.request);
  if (streams(call, "websocket")) refer(out, "Ticket");
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
      if (shared.required) out.key("required").boolean(true);
      if (shared.schema.starts_with(R"({"type":"array")")) {
        out.key("style").text("form");
        out.key("explode").boolean(false);
      }
      out.key("schema").raw(shared.schema);
      out.key("example").raw(shared.example);
    });
  }
}

void write_shared_headers(JsonWriter& out) {
  const auto header = [&](std::string_view name, bool always, std::string_view schema, std::string_view description) {
    out.key(name).object([&] {
      out.key("description").text(description);
      if (always) out.key("required").boolean(true);
      out.key("schema").raw(schema);
    });
  };
  header("ETag", true, kTextSchema, "The entity's revision in quotes; give it as `If-Match`.");
  header("FlowstonePosition", true, kPositionSchema, "The position in the log that the answer reflects.");
  header("PagePosition", false, kPositionSchema, "Of a JSON page: its `position`.");
  header("IdempotentReplayed", false, R"({"type":"string","const":"true"})",
         "There if the command had been carried out before, and this is its answer again.");
  header("Location", true, kTextSchema, "Where the created entity is.");
  header("RequestId", true, kTextSchema, "The request's `X-Request-ID`, or one made by the server.");
  header("RetryAfter", true, R"({"type":"integer","minimum":0})", "Seconds after which to try again.");
}

}  // namespace flowstone::schemas
