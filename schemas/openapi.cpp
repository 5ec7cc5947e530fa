#include "schemas/openapi.hpp"

#include <algorithm>

#include "schemas/json_writer.hpp"
#include "schemas/openapi_answers.hpp"
#include "schemas/openapi_parameters.hpp"
#include "schemas/openapi_schemas.hpp"

namespace flowstone::schemas {
namespace {

// Paragraphs in Markdown; `/docs` shows them as they are.
constexpr std::string_view kDescription =
    "Flowstone keeps personal and team work as one log of events. Commands append to it, queries read folds of it, and "
    "every part of it can be followed live.\n\n"
    "Times are RFC 3339 with any offset, and are answered in UTC; ids are UUIDs in text. Integers of 64 bits (`int64`: "
    "positions, revisions, counts) may be sent as a number or, where a language would round them, as decimal text; "
    "they "
    "are answered as numbers. Unknown fields and parameters are refused by name.\n\n"
    "A command may carry an `Idempotency-Key`, and an `If-Match` with the entity's `ETag`; its answer carries `ETag` "
    "and "
    "`Flowstone-Position`. A query takes that as `min_position` to see what was written.\n\n"
    "The calls that read events answer by `Accept`: a JSON page, `application/x-ndjson`, `text/event-stream`, or a "
    "WebSocket if the connection is upgraded. Streams send history first and then go on live.\n\n"
    "Errors are problem documents (RFC 9457, `application/problem+json`) with a stable `code`, and name each field and "
    "what it must be; `type` leads to the explanation of the code in `/docs`.\n\n"
    "Limits: {} bytes of headers, {} bytes of body; nothing is written when a limit is passed. Any call answers HEAD "
    "where it answers GET, and OPTIONS with what it allows.";

// Of a form: a list of tables is a list of files.
bool is_files(const Field& field) { return field.is_list && field.table != nullptr; }

// RFC 7578: files are items of one field, all other fields are texts.
void write_form(JsonWriter& out, const Call& call) {
  const Table& table = *call.request;
  out.key("multipart/form-data").object([&] {
    out.key("schema").object([&] {
      out.key("type").text("object");
      out.key("required").list([&] {
        for (const Field& field : table.fields) {
          if (is_files(field)) out.text(field.name);
        }
      });
      out.key("properties").object([&] {
        for (const Field& field : table.fields) {
          out.key(field.name).object([&] {
            const bool files = is_files(field);
            out.key("type").text(files ? "array" : "string");
            if (!files && field.max_length) out.key("maxLength").number(*field.max_length);
            if (!files) return;
            if (field.max_items) out.key("maxItems").number(*field.max_items);
            out.key("items").object([&] {
              out.key("type").text("string");
              out.key("contentMediaType").text("application/octet-stream");
              out.key("description").text("A file; its `filename` is the path.");
            });
          });
        }
      });
    });
    out.key("example").object([&] {
      for (const Field& field : table.fields) {
        if (is_files(field)) {
          out.key(field.name).list([&] { out.text("# Contract\n\nThe fee is 12 % of the net price.\n"); });
        } else if (!field.example.empty()) {
          out.key(field.name).text(field.example);
        }
      }
    });
  });
}

// A sender's words are its own.
void write_foreign_body(JsonWriter& out) {
  out.key("requestBody").object([&] {
    out.key("required").boolean(true);
    out.key("content").object([&] {
      out.key("application/json").object([&] {
        out.key("schema").raw(R"({"description":"Any JSON."})");
        out.key("example").raw(R"({"type":"order.paid","data":{"order":7}})");
      });
    });
  });
}

void write_body(JsonWriter& out, const Call& call) {
  if (!takes_body(call)) return;
  if (call.parameters == "webhook") return write_foreign_body(out);
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
      if (call.parameters == "form") write_form(out, call);
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

void write_components(JsonWriter& out, const Contracts& contracts, const ServerFacts& facts) {
  out.key("schemas").object([&] { write_schemas(out, contracts); });
  out.key("parameters").object([&] { write_shared_parameters(out); });
  out.key("headers").object([&] { write_shared_headers(out); });
  out.key("responses").object([&] { write_shared_responses(out, facts.refusals); });
  out.key("securitySchemes").object([&] {
    out.key("bearer").object([&] {
      out.key("type").text("http");
      out.key("scheme").text("bearer");
      out.key("description").text("An API key: `Authorization: Bearer fsk_...`.");
    });
  });
}

void write_info(JsonWriter& out, const ServerFacts& facts) {
  out.key("title").text("Flowstone");
  out.key("version").text(facts.version);
  out.key("summary").text("An event-sourced backend for personal and team work.");
  out.key("description").text(fmt::format(kDescription, facts.most_header_bytes, facts.most_body_bytes));
  out.key("contact").object([&] { out.key("name").text("Flowstone maintainers"); });
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
}

}  // namespace

std::string openapi_document(const ServerFacts& facts) {
  const Contracts& all = contracts();
  JsonWriter out;
  out.object([&] {
    out.key("openapi").text("3.1.0");
    out.key("info").object([&] { write_info(out, facts); });
    out.key("servers").raw(R"([{"url":"/","description":"This server."}])");
    out.key("tags").list([&] { write_tags(out, all); });
    out.key("security").raw(R"([{"bearer":[]}])");
    out.key("paths").object([&] { write_paths(out, all); });
    out.key("components").object([&] { write_components(out, all, facts); });
  });
  return out.take();
}

}  // namespace flowstone::schemas
