#include "api/cloud_event.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include "api/current_payload.hpp"
#include "schemas/json.hpp"

namespace flowstone::api {
namespace {

void append_optional(std::string_view name, std::string_view text, std::string& out) {
  if (text.empty()) return;
  out.append(",\"").append(name).append("\":");
  schemas::append_json_string(text, out);
}

}  // namespace

void append_cloud_event(const eventstore::RecordedEvent& event, std::string& out) {
  const auto payload = current_payload(event);
  auto end = std::back_inserter(out);
  fmt::format_to(end, FMT_COMPILE("{{\"specversion\":\"1.0\",\"id\":\"{}\",\"source\":\"/workspaces/{}\",\"type\":"),
                 event.position.value, event.workspace);
  schemas::append_json_string(event.type, out);
  out.append(",\"subject\":");
  schemas::append_json_string(event.stream, out);
  out.append(",\"time\":\"").append(to_rfc3339(event.time)).append("\",\"datacontenttype\":\"application/json\"");
  if (payload) {
    out.append(",\"dataschema\":\"/openapi.json#/components/schemas/").append(payload->table->name).append("\"");
  } else {
    out.append(",\"dataschema\":\"/openapi.json#/components/schemas/Unknown\"");
  }
  fmt::format_to(end, FMT_COMPILE(",\"position\":{},\"revision\":{}"), event.position.value, event.revision.value);
  append_optional("actor", event.actor, out);
  append_optional("commandid", event.command_id, out);
  append_optional("causationid", event.causation, out);
  append_optional("correlationid", event.correlation, out);
  append_optional("requestid", event.request_id, out);
  append_optional("traceparent", event.traceparent, out);
  out.append(",\"data\":");
  if (payload) {
    schemas::encode_json(*payload->table, payload->bytes(), out);
  } else {
    out.append("null");
  }
  out += '}';
}

}  // namespace flowstone::api
