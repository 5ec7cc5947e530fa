// The auditor's calls: who did what, when and why; and the root of the tree over the log.
#include <fmt/format.h>

#include "api/command_answers.hpp"
#include "api/handlers.hpp"
#include "api/log_names.hpp"
#include "api/query_values.hpp"
#include "base/bytes.hpp"
#include "schemas/json.hpp"

namespace flowstone::api {
namespace {

constexpr std::uint64_t kDefaultLimit = 50;
constexpr std::uint64_t kMostLimit = 200;
constexpr std::string_view kProjection = "audit";

void append_text(std::string_view name, std::string_view text, std::string& out) {
  if (text.empty()) return;
  out.append(",\"").append(name).append("\":");
  schemas::append_json_string(text, out);
}

void append_change(const projections::AuditEntry::Change& change, std::string& out) {
  out.append("{\"field\":");
  schemas::append_json_string(change.field, out);
  if (change.from) out.append(",\"from\":").append(*change.from);
  if (change.to) out.append(",\"to\":").append(*change.to);
  out += '}';
}

void append_entry(const projections::AuditEntry& entry, std::string& out) {
  fmt::format_to(std::back_inserter(out), "{{\"position\":{},\"revision\":{},\"time\":\"{}\"", entry.position.value,
                 entry.revision.value, to_rfc3339(entry.time));
  append_text("entity", entry.entity, out);
  append_text("type", entry.type, out);
  append_text("actor", entry.actor, out);
  append_text("command_id", entry.command_id, out);
  append_text("causation", entry.causation, out);
  append_text("correlation", entry.correlation, out);
  append_text("request_id", entry.request_id, out);
  out.append(",\"changes\":[");
  for (std::size_t at = 0; at < entry.changes.size(); ++at) {
    if (at > 0) out += ',';
    append_change(entry.changes[at], out);
  }
  out.append("]}");
}

std::optional<projections::AuditQuery> take_query(Exchange& exchange) {
  projections::AuditQuery query;
  query.workspace = exchange.principal->workspace;
  auto entity = take_stream_name(exchange, "entity");
  if (!entity) return std::nullopt;
  auto actor = take_log_name(exchange, "actor");
  if (!actor) return std::nullopt;
  auto correlation = take_log_name(exchange, "correlation");
  if (!correlation) return std::nullopt;
  query.entity = *std::move(entity);
  query.actor = *std::move(actor);
  query.correlation = *std::move(correlation);
  query.cursor = exchange.query.take("cursor").value_or("");
  const auto limit = take_number(exchange, "limit", kDefaultLimit, 1, kMostLimit);
  if (!limit) return std::nullopt;
  query.limit = *limit;
  const auto since = take_moment(exchange, "since");
  if (!since) return std::nullopt;
  const auto until = take_moment(exchange, "until");
  if (!until || !exchange.all_parameters_known()) return std::nullopt;
  query.first = since->position;
  query.since = since->time;
  query.last = until->position;
  query.until = until->time;
  return query;
}

// Scopes name aggregates; these calls look at all of them.
bool refuse_scoped(Exchange& exchange) {
  if (!exchange.principal->is_scoped()) return false;
  exchange.refuse({ProblemKind::forbidden, "This call needs a key without scopes."});
  return true;
}

}  // namespace

Task<void> list_audit(Exchange* exchange) {
  if (refuse_scoped(*exchange)) co_return;
  const bool reached = co_await await_min_position(exchange, kProjection);
  if (!reached) co_return;
  const auto query = take_query(*exchange);
  if (!query) co_return;
  projections::Catalog& catalog = exchange->services().catalog;
  const auto page = co_await exchange->blocking([&catalog, &query] { return catalog.audit(*query); });
  if (!page) {
    const bool foreign = page.error().code == projections::QueryError::Code::foreign_cursor;
    exchange->refuse(foreign ? Problem{ProblemKind::foreign_cursor} : damaged_storage(page.error().detail));
    co_return;
  }
  std::string& body = exchange->reply.body;
  body.append("{\"items\":[");
  for (std::size_t at = 0; at < page->entries.size(); ++at) {
    if (at > 0) body += ',';
    append_entry(page->entries[at], body);
  }
  body.append("],\"next_cursor\":");
  if (page->next_cursor.empty()) {
    body.append("null");
  } else {
    schemas::append_json_string(page->next_cursor, body);
  }
  fmt::format_to(std::back_inserter(body), ",\"position\":{}}}", page->position.value);
  exchange->reply.add("Flowstone-Position", std::to_string(page->position.value));
}

Task<void> get_tree_root(Exchange* exchange) {
  if (refuse_scoped(*exchange)) co_return;
  eventstore::Store& store = exchange->services().store;
  const auto head = store.state().durable;
  const auto size = take_number(*exchange, "size", head.value, 0, UINT64_MAX);
  if (!size || !exchange->all_parameters_known()) co_return;
  if (*size > head.value) {
    Problem problem{ProblemKind::position_beyond_head, fmt::format("The log's head is {}.", head.value)};
    problem.errors.push_back({"size", fmt::format("must be at most {}", head.value)});
    exchange->refuse(problem);
    co_return;
  }
  const auto root = co_await exchange->blocking([&store, &size] { return store.tree_head_at(Position{*size}); });
  if (!root) {
    exchange->refuse(problem_of(root.error()));
    co_return;
  }
  exchange->reply.body = fmt::format("{{\"size\":{},\"root\":\"{}\"}}", root->size.value, to_hex(view(root->root)));
}

}  // namespace flowstone::api
