#include "schemas/openapi_answers.hpp"

#include <algorithm>

#include "schemas/openapi_schemas.hpp"

namespace flowstone::schemas {
namespace {

// Why a request can be refused; each is a shared answer.
struct Refusal {
  std::string_view status;
  std::string_view component;
  std::string_view description;
};

constexpr Refusal kRefusals[] = {
    {"400", "BadRequest", "Not HTTP, not JSON, or a parameter or header that is not what it must be."},
    {"401", "Unauthorized",
     "No key, or one that is unknown, expired or revoked; of a webhook, a signature that is missing, false or too "
     "old."},
    {"403", "Forbidden", "The key does not have the role or scope that this takes."},
    {"404", "NotFound",
     "There is nothing of this name or id in the workspace; `code` may name what, as `task_not_found` does."},
    {"406", "NotAcceptable", "None of the media types in `Accept` is offered."},
    {"409", "Conflict",
     "The present state does not allow it, or the same command is being carried out at the moment. `code` may be the "
     "entity's own word: `task_completed`, `task_cancelled`, `intent_archived`, `run_ended`, `sequence_gap`, "
     "`already_rebuilding`, `no_rebuild`, `not_ready`, `no_previous`, or the name of what exists already, such as "
     "`task_exists`."},
    {"412", "PreconditionFailed", "The entity has another revision than `If-Match` says."},
    {"413", "ContentTooLarge", "The body is larger than the server takes."},
    {"415", "UnsupportedMediaType", "The body is not of a type that this call takes."},
    {"422", "UnprocessableContent",
     "Fields that are not what they must be, each named; or a key that was used for another request."},
    {"503", "ServiceUnavailable",
     "Not at the moment: appends have stopped, the server is busy, or `min_position` was not reached in time."},
    {"default", "AnyOther",
     "Any other refusal: a method that does not exist here (405), a request that came too slowly (408) or with too "
     "large "
     "headers (431), a failure of the server (500)."},
};

constexpr std::string_view kUnready =
    R"({"status":"read_only","appended":42,"durable":42,"indexed":42,"projected":42,)"
    R"("failure":"the log could not be written: No space left on device","parts":[{"name":"log",)"
    R"("state":"read_only","position":42}]})";

bool applies(const Refusal& refusal, const Call& call) {
  const bool body = takes_body(call);
  const bool below_entity = call.path.find('{') != std::string_view::npos;
  const std::string_view status = refusal.status;
  const bool webhook = call.parameters == "webhook";
  if (status == "400" || status == "default") return true;
  if (status == "404") return below_entity;
  if (status == "406") return call.content.empty();
  if (status == "409") return call.command != nullptr || (call.method != "GET" && below_entity);
  if (status == "412") return call.command != nullptr && below_entity;
  if (status == "413" || status == "415") return body;
  if (status == "422") return (body && !webhook) || call.query != Query::none;
  if (status == "503") return call.role != "public" || webhook;
  return call.role != "public" || call.handler == "metrics" || (webhook && status == "401");
}

void refer(JsonWriter& out, std::string_view kind, std::string_view component) {
  out.object([&] { out.key("$ref").text(fmt::format("#/components/{}/{}", kind, component)); });
}

bool tells_position(const Call& call) {
  return call.command != nullptr || call.query != Query::none || call.parameters == "audit" ||
         call.parameters == "search";
}

void write_headers(JsonWriter& out, const Call& call) {
  out.key("headers").object([&] {
    const auto header = [&](std::string_view name, std::string_view component) {
      out.key(name);
      refer(out, "headers", component);
    };
    if (call.command != nullptr || call.query == Query::get) header("ETag", "ETag");
    if (tells_position(call)) header("Flowstone-Position", "FlowstonePosition");
    if (call.parameters == "events") header("Flowstone-Position", "PagePosition");
    if (call.command != nullptr && call.status == 201) header("Location", "Location");
    if (call.command != nullptr) header("Idempotent-Replayed", "IdempotentReplayed");
    header("X-Request-ID", "RequestId");
  });
}

// One item of a stream: of a stream of events also a sign of life, or the last word.
void write_item_schema(JsonWriter& out, const Call& call) {
  if (call.parameters != "events") return write_reference(out, call.response->name);
  out.object([&] {
    out.key("anyOf").list([&] {
      write_reference(out, call.response->name);
      for (const std::string_view mark : stream_marks(call)) write_reference(out, mark);
    });
  });
}

void write_ndjson(JsonWriter& out, const Call& call) {
  out.object([&] {
    out.key("schema").object([&] {
      out.key("description").text("One line; each line is such an object.");
      out.key("allOf").list([&] { write_item_schema(out, call); });
    });
    out.key("example").raw(example_answer(*call.response));
  });
}

void write_server_sent_events(JsonWriter& out, const Call& call) {
  const bool of_events = call.parameters == "events";
  out.object([&] {
    out.key("schema").object([&] {
      out.key("type").text("string");
      out.key("description")
          .text(of_events ? "Server-sent events: `id` is the position, and `data` one event as JSON. `Last-Event-ID` "
                            "resumes after it. A comment is a sign of life; the event `end` says why the server ends "
                            "the stream, and where to resume."
                          : "Server-sent events: `data` is the status as JSON, sent again whenever it has changed.");
      out.key("contentMediaType").text("text/event-stream");
    });
    const std::string data = fmt::format("data: {}\n\n", example_answer(*call.response));
    out.key("example").text(of_events ? "id: 42\n" + data : data);
  });
}

void write_json(JsonWriter& out, const Call& call) {
  const bool list = answers_list(call);
  out.object([&] {
    out.key("schema");
    write_reference(out, list ? list_name(*call.response) : std::string(call.response->name));
    out.key("example").raw(list ? example_list(*call.response, call.parameters == "events")
                                : example_answer(*call.response));
  });
}

void write_document(JsonWriter& out, const Call& call) {
  const bool json = call.content == "application/json";
  out.object([&] {
    out.key("schema").object([&] { out.key("type").text(json ? "object" : "string"); });
    out.key("example").raw(json                          ? R"({"openapi":"3.1.0"})"
                           : call.content == "text/html" ? R"("<!doctype html>")"
                                                         : R"("flowstone_log_position{part=\"durable\"} 42\n")");
  });
}

void write_content(JsonWriter& out, const Call& call) {
  if (!call.content.empty()) {
    out.key(call.content);
    return write_document(out, call);
  }
  out.key("application/json");
  write_json(out, call);
  if (streams(call, "application/x-ndjson")) {
    out.key("application/x-ndjson");
    write_ndjson(out, call);
  }
  if (streams(call, "text/event-stream")) {
    out.key("text/event-stream");
    write_server_sent_events(out, call);
  }
}

std::string_view description_of_success(const Call& call) {
  if (answers_list(call)) return "A page.";
  if (call.status == 201) return "Created.";
  if (call.parameters == "webhook") return "Taken in; `outcome` says what became of it.";
  return call.status == 202 ? "Accepted; it is carried out after the answer." : "Done.";
}

void write_success(JsonWriter& out, const Call& call) {
  out.object([&] {
    out.key("description").text(description_of_success(call));
    write_headers(out, call);
    out.key("content").object([&] { write_content(out, call); });
  });
}

// An upgrade has no body; what its messages are is said in words, and in the schema of the extension.
void write_upgrade(JsonWriter& out, const Call& call) {
  out.object([&] {
    out.key("description")
        .text(
            "A WebSocket: one text message an event, history first, then live. A ping is a sign of life. Before the "
            "server closes, its last message says why. With the subprotocol `cloudevents.json` every message is an "
            "event.");
    out.key("x-flowstone-message");
    write_item_schema(out, call);
  });
}

// The one answer with a status of refusal that is no problem document.
void write_unready(JsonWriter& out, const Call& call) {
  out.object([&] {
    out.key("description").text("Not now; `status` and `failure` say why.");
    out.key("content").object([&] {
      out.key("application/json").object([&] {
        out.key("schema");
        write_reference(out, call.response->name);
        out.key("example").raw(kUnready);
      });
    });
  });
}

// What stands for everything that has no answer of its own.
bool is_named(std::uint16_t status) {
  const std::string text = std::to_string(status);
  return std::ranges::find(kRefusals, text, &Refusal::status) != std::end(kRefusals);
}

bool belongs(const RefusalReason& reason, const Refusal& refusal) {
  return refusal.status == "default" ? !is_named(reason.status) : refusal.status == std::to_string(reason.status);
}

void write_problem_errors(JsonWriter& out, const RefusalReason& reason) {
  const auto error = [&](std::string_view field, std::string_view detail) {
    out.key("errors").list([&] {
      out.object([&] {
        out.key("field").text(field);
        out.key("detail").text(detail);
      });
    });
  };
  if (reason.code == "invalid_field") error("priority", "must be from 1 to 5");
  if (reason.code == "invalid_parameter") error("limit", "must be a number from 1 to 200");
  if (reason.code == "repeated_parameter") error("status", "is given more than once");
  if (reason.code == "unknown_parameter") error("stauts", "is not a parameter of this call");
  if (reason.code == "position_beyond_head") error("min_position", "must be at most 42");
  if (reason.code == "revision_mismatch") out.key("current_revision").number(2);
}

void write_problem_example(JsonWriter& out, const RefusalReason& reason) {
  out.object([&] {
    out.key("type").text(reason.type);
    out.key("title").text(reason.title);
    out.key("status").number(reason.status);
    out.key("code").text(reason.code);
    out.key("detail").text(reason.sentence);
    out.key("instance").text("/v1/tasks");
    out.key("request_id").text("01920000-0000-7000-8000-0000000000bb");
    write_problem_errors(out, reason);
  });
}

void write_problem(JsonWriter& out, const Refusal& refusal, std::span<const RefusalReason> reasons) {
  out.object([&] {
    out.key("schema");
    write_reference(out, "Problem");
    if (std::ranges::none_of(reasons, [&](const auto& reason) { return belongs(reason, refusal); })) return;
    out.key("examples").object([&] {
      for (const RefusalReason& reason : reasons) {
        if (!belongs(reason, refusal)) continue;
        out.key(reason.code).object([&] {
          out.key("summary").text(reason.title);
          out.key("value");
          write_problem_example(out, reason);
        });
      }
    });
  });
}

std::string description_with_codes(const Refusal& refusal, std::span<const RefusalReason> reasons) {
  std::string codes;
  for (const RefusalReason& reason : reasons) {
    if (belongs(reason, refusal)) codes += fmt::format("{}`{}`", codes.empty() ? "" : ", ", reason.code);
  }
  return codes.empty() ? std::string(refusal.description) : fmt::format("{} Codes: {}.", refusal.description, codes);
}

}  // namespace

void write_responses(JsonWriter& out, const Call& call) {
  out.key("responses").object([&] {
    if (streams(call, "websocket")) {
      out.key("101");
      write_upgrade(out, call);
    }
    out.key(fmt::format("{}", call.status));
    write_success(out, call);
    if (call.query == Query::get) {
      out.key("304");
      refer(out, "responses", "NotModified");
    }
    if (call.handler == "readyz") {
      out.key("503");
      write_unready(out, call);
    }
    for (const Refusal& refusal : kRefusals) {
      if (!applies(refusal, call)) continue;
      out.key(refusal.status);
      refer(out, "responses", refusal.component);
    }
  });
}

void write_shared_responses(JsonWriter& out, std::span<const RefusalReason> reasons) {
  out.key("NotModified").object([&] {
    out.key("description").text("The entity still has the revision that `If-None-Match` names.");
  });
  for (const Refusal& refusal : kRefusals) {
    out.key(refusal.component).object([&] {
      out.key("description").text(description_with_codes(refusal, reasons));
      out.key("headers").object([&] {
        out.key("X-Request-ID");
        refer(out, "headers", "RequestId");
        if (refusal.status != "503") return;
        out.key("Retry-After");
        refer(out, "headers", "RetryAfter");
      });
      out.key("content").object([&] {
        out.key("application/problem+json");
        write_problem(out, refusal, reasons);
      });
    });
  }
}

}  // namespace flowstone::schemas
