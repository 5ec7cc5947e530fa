#include "schemas/openapi.hpp"

#include <algorithm>

#include "schemas/json_writer.hpp"
#include "schemas/openapi_parameters.hpp"
#include "schemas/openapi_schemas.hpp"

namespace flowstone::schemas {
namespace {

constexpr std::string_view kDescription =
    "Flowstone keeps personal and team work as one log of events. Commands append to it, queries read folds of it, and "
    "every part of it can be followed live.\n\n"
    "Times are RFC 3339; ids are UUIDs in text. Errors are problem documents (RFC 9457) that name each field and what "
    "it must be. "
    "A command may carry an `Idempotency-Key`; its answer carries `ETag` and `Flowstone-Position`.\n\n"
    "Integers of format `int64` are answered as JSON numbers; a client whose numbers are doubles may send them as "
    "text. "
    "Positions and revisions stay far below 2^53.";

// What is served beside the calls of the contracts.
struct Page {
  std::string_view path;
  std::string_view name;
  std::string_view summary;
  std::string_view description;
  std::string_view media;
  std::string_view schema;
  bool open;  // needs no key
};

constexpr Page kPages[] = {
    {"/metrics", "metrics", "Figures for Prometheus",
     "Positions of the log and of each projection, requests by call and status, connections, streams. Needs the role "
     "`operator`, unless the server is set up to show them to everybody.",
     "text/plain", R"({"type":"string"})", false},
    {"/openapi.json", "openapi", "This document", "OpenAPI 3.1, made from the server's contracts. Needs no key.",
     "application/json", R"({"type":"object","required":["openapi","info","paths"]})", true},
    {"/docs", "docs", "This document, for people", "One page of HTML that loads nothing from elsewhere. Needs no key.",
     "text/html", R"({"type":"string"})", true},
};
constexpr std::string_view kPagesTag = "Documents";

// Why a request can be refused; each is a shared answer.
struct Refusal {
  std::string_view status;
  std::string_view component;
  std::string_view description;
};

constexpr Refusal kRefusals[] = {
    {"400", "BadRequest", "Not JSON, or a parameter that is not what it must be."},
    {"401", "Unauthorized", "No key, or one that is unknown, expired or revoked."},
    {"403", "Forbidden", "The key does not have the role or scope that this takes."},
    {"404", "NotFound", "There is nothing of this name or id in the workspace."},
    {"409", "Conflict",
     "The entity's state does not allow it, or the same command is being carried out at the moment."},
    {"412", "PreconditionFailed", "The entity has another revision than `If-Match` says."},
    {"413", "ContentTooLarge", "The body is larger than the server takes."},
    {"415", "UnsupportedMediaType", "The body is not of a type that this call takes."},
    {"422", "UnprocessableContent",
     "Fields that are not what they must be, each named; or a key that was used for another request."},
    {"503", "ServiceUnavailable",
     "Not at the moment: appends have stopped, the server is busy, or `min_position` was not reached in time."},
};

bool applies(const Refusal& refusal, const Call& call) {
  const bool body = takes_body(call);
  const bool below_entity = call.path.find('{') != std::string_view::npos;
  const std::string_view status = refusal.status;
  if (status == "400") return true;
  if (status == "404") return below_entity;
  if (status == "409") return call.command != nullptr || (call.method != "GET" && below_entity);
  if (status == "412") return call.command != nullptr && below_entity;
  if (status == "413" || status == "415" || status == "422") return body;
  if (status == "503") return call.role != "public" || call.name == "readyz";
  return call.role != "public";
}

void refer(JsonWriter& out, std::string_view kind, std::string_view component) {
  out.object([&] { out.key("$ref").text(fmt::format("#/components/{}/{}", kind, component)); });
}

// Of a streamed answer the position is in each item instead.
bool tells_position(const Call& call) {
  return call.command != nullptr || call.query != Query::none || call.parameters == "events" ||
         call.parameters == "audit" || call.handler == "run_commands";
}

void write_headers(JsonWriter& out, const Call& call) {
  out.key("headers").object([&] {
    const auto header = [&](std::string_view name, std::string_view component) {
      out.key(name);
      refer(out, "headers", component);
    };
    if (call.command != nullptr || call.query == Query::get) header("ETag", "ETag");
    if (tells_position(call)) header("Flowstone-Position", "FlowstonePosition");
    if (call.command != nullptr && call.status == 201) header("Location", "Location");
    header("X-Request-ID", "RequestId");
  });
}

void write_success(JsonWriter& out, const Call& call) {
  out.object([&] {
    out.key("description").text(answers_list(call) ? "A page." : call.status == 201 ? "Created." : "Done.");
    write_headers(out, call);
    out.key("content").object([&] {
      out.key("application/json").object([&] {
        out.key("schema");
        write_reference(out, answers_list(call) ? list_name(*call.response) : std::string(call.response->name));
        const std::string example = answer_example(*call.response);
        out.key("example").raw(answers_list(call) ? fmt::format(R"({{"items":[{}],"position":1042}})", example)
                                                  : example);
      });
      for (const std::string_view media : call.media) {
        if (media == "websocket") continue;
        out.key(media).object([&] {
          out.key("schema");
          if (media == "text/event-stream")
            out.raw(R"({"type":"string","description":"Server-sent events; `Last-Event-ID` resumes."})");
          else
            write_reference(out, call.response->name);
        });
      }
    });
  });
}

void write_responses(JsonWriter& out, const Call& call) {
  out.key("responses").object([&] {
    if (std::ranges::find(call.media, "websocket") != call.media.end()) {
      out.key("101").object(
          [&] { out.key("description").text("A WebSocket: one text frame an item, history first, then live."); });
    }
    out.key(fmt::format("{}", call.status));
    write_success(out, call);
    for (const Refusal& refusal : kRefusals) {
      if (!applies(refusal, call)) continue;
      out.key(refusal.status);
      refer(out, "responses", refusal.component);
    }
  });
}

void write_body(JsonWriter& out, const Call& call) {
  if (!takes_body(call)) return;
  const Table& table = *call.request;
  out.key("requestBody").object([&] {
    out.key("required").boolean(table.patch || std::ranges::any_of(table.fields, &Field::mandatory));
    out.key("content").object([&] {
      const auto write_media = [&](std::string_view media) {
        out.key(media).object([&] {
          out.key("schema");
          write_reference(out, table.name);
          out.key("example").raw(example_json(table));
        });
      };
      write_media("application/json");
      // RFC 7396: what is absent stays, null removes.
      if (call.method == "PATCH") write_media("application/merge-patch+json");
    });
  });
}

std::string_view summary_of(const Call& call) {
  std::string_view summary = call.doc.substr(0, call.doc.find('\n'));
  if (summary.ends_with('.')) summary.remove_suffix(1);
  return summary;
}

std::string description_of(const Call& call) {
  std::string text(call.doc);
  if (call.command != nullptr && !call.request->doc.empty()) text = call.request->doc;
  if (call.role == "public") return text + " Needs no key.";
  return fmt::format("{} Needs the role `{}`.", text, call.role);
}

void write_operation(JsonWriter& out, const Call& call) {
  std::string method(call.method);
  std::ranges::transform(method, method.begin(), [](char c) { return static_cast<char>(c - 'A' + 'a'); });
  out.key(method).object([&] {
    out.key("operationId").text(call.name);
    out.key("tags").list([&] { out.text(call.service); });
    out.key("summary").text(summary_of(call));
    out.key("description").text(description_of(call));
    if (call.role == "public") out.key("security").raw("[]");
    write_parameters(out, call);
    write_body(out, call);
    write_responses(out, call);
    out.key("x-flowstone-role").text(call.role);
  });
}

void write_page(JsonWriter& out, const Page& page) {
  out.key(page.path).object([&] {
    out.key("get").object([&] {
      out.key("operationId").text(page.name);
      out.key("tags").list([&] { out.text(kPagesTag); });
      out.key("summary").text(page.summary);
      out.key("description").text(page.description);
      if (page.open) out.key("security").raw("[]");
      out.key("responses").object([&] {
        out.key("200").object([&] {
          out.key("description").text(page.summary);
          out.key("content").object([&] { out.key(page.media).object([&] { out.key("schema").raw(page.schema); }); });
        });
        for (const Refusal& refusal : kRefusals) {
          if (refusal.status != "400" && (page.open || (refusal.status != "401" && refusal.status != "403"))) continue;
          out.key(refusal.status);
          refer(out, "responses", refusal.component);
        }
      });
    });
  });
}

// Paths in the order of their first call.
void write_paths(JsonWriter& out, const Contracts& contracts) {
  std::set<std::string_view> written;
  for (const Call& first : contracts.calls()) {
    if (!written.insert(first.path).second) continue;
    out.key(first.path).object([&] {
      for (const Call& call : contracts.calls()) {
        if (call.path == first.path) write_operation(out, call);
      }
    });
  }
  for (const Page& page : kPages) write_page(out, page);
}

void write_refusals(JsonWriter& out) {
  for (const Refusal& refusal : kRefusals) {
    out.key(refusal.component).object([&] {
      out.key("description").text(refusal.description);
      out.key("headers").object([&] {
        out.key("X-Request-ID");
        refer(out, "headers", "RequestId");
        if (refusal.status != "503") return;
        out.key("Retry-After");
        refer(out, "headers", "RetryAfter");
      });
      out.key("content").object([&] {
        out.key("application/problem+json").object([&] {
          out.key("schema");
          write_reference(out, "Problem");
        });
      });
    });
  }
}

void write_schemas(JsonWriter& out, const Contracts& contracts) {
  const auto requests = tables_of_requests(contracts);
  const auto described = tables_described(contracts);
  for (const Table* table : contracts.tables()) {
    if (!described.contains(table)) continue;
    out.key(table->name);
    write_table_schema(out, *table, requests.contains(table));
  }
  std::set<std::string> lists;
  for (const Call& call : contracts.calls()) {
    if (!answers_list(call) || !lists.insert(list_name(*call.response)).second) continue;
    out.key(list_name(*call.response));
    write_list_schema(out, *call.response, call.parameters == "events");
  }
}

void write_components(JsonWriter& out, const Contracts& contracts) {
  out.key("schemas").object([&] { write_schemas(out, contracts); });
  out.key("parameters").object([&] { write_shared_parameters(out); });
  out.key("headers").object([&] { write_shared_headers(out); });
  out.key("responses").object([&] { write_refusals(out); });
  out.key("securitySchemes").object([&] {
    out.key("bearer").object([&] {
      out.key("type").text("http");
      out.key("scheme").text("bearer");
      out.key("description").text("An API key: `Authorization: Bearer fsk_...`.");
    });
  });
}

void write_info(JsonWriter& out, std::string_view version) {
  out.key("title").text("Flowstone");
  out.key("version").text(version);
  out.key("summary").text("An event-sourced backend for personal and team work.");
  out.key("description").text(kDescription);
  out.key("contact").object([&] { out.key("name").text("The operators of this server"); });
  out.key("license").object([&] {
    out.key("name").text("Apache License 2.0");
    out.key("identifier").text("Apache-2.0");
  });
}

void write_tags(JsonWriter& out, const Contracts& contracts) {
  for (const Service& service : contracts.services()) {
    out.object([&] {
      out.key("name").text(service.name);
      out.key("description").text(service.doc);
    });
  }
  out.object([&] {
    out.key("name").text(kPagesTag);
    out.key("description").text("What the server says of itself.");
  });
}

}  // namespace

std::string openapi_document(std::string_view version) {
  const Contracts& all = contracts();
  JsonWriter out;
  out.object([&] {
    out.key("openapi").text("3.1.0");
    out.key("info").object([&] { write_info(out, version); });
    out.key("servers").raw(R"([{"url":"/","description":"This server."}])");
    out.key("tags").list([&] { write_tags(out, all); });
    out.key("security").raw(R"([{"bearer":[]}])");
    out.key("paths").object([&] { write_paths(out, all); });
    out.key("components").object([&] { write_components(out, all); });
  });
  return out.take();
}

}  // namespace flowstone::schemas
