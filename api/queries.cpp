// Table queries: one entity or a page of them, from the read models or as of the past.
#include "api/queries.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "api/command_answers.hpp"
#include "api/handlers.hpp"
#include "api/header_values.hpp"
#include "api/query_values.hpp"
#include "domain/aggregate.hpp"
#include "schemas/json.hpp"
#include "schemas/row.hpp"

namespace flowstone::api {
namespace {

constexpr std::uint64_t kDefaultLimit = 50;
constexpr std::uint64_t kMostLimit = 200;

bool check_scope(Exchange& exchange) {
  const auto& aggregate = *exchange.call().aggregate;
  if (exchange.principal->in_scope(aggregate.name, Access::read)) return true;
  exchange.refuse({ProblemKind::forbidden, fmt::format("This key's scopes do not include `{}:read`.", aggregate.name)});
  return false;
}

void add_position(Reply& reply, Position position) { reply.add("Flowstone-Position", std::to_string(position.value)); }

Problem problem_of(const projections::QueryError& error) {
  switch (error.code) {
    case projections::QueryError::Code::foreign_cursor:
      return {ProblemKind::foreign_cursor};
    case projections::QueryError::Code::too_many:
      return {ProblemKind::too_much_history, error.detail};
    case projections::QueryError::Code::no_words:
    case projections::QueryError::Code::no_such_version:
      return {ProblemKind::invalid_parameter, error.detail};
    case projections::QueryError::Code::io:
      return damaged_storage(error.detail);
  }
  return {ProblemKind::internal_error};
}

// --- one entity ---

struct Found {
  std::optional<Bytes> row;
  Position position;
  std::optional<Problem> problem;
};

Found read_past(const Services& services, std::string_view workspace, const schemas::Aggregate& aggregate,
                std::string_view id, Position as_of) {
  Found found{std::nullopt, as_of, std::nullopt};
  if (as_of.value == 0) return found;
  auto outcome = services.executor.read(workspace, *domain::find_aggregate_type(aggregate.name), id, as_of);
  if (!outcome) {
    found.problem = api::problem_of(outcome.error());
  } else if (*outcome) {
    found.row = std::move((*outcome)->row);
  }
  return found;
}

Found read_present(const Services& services, std::string_view workspace, const schemas::Aggregate& aggregate,
                   std::string_view id) {
  Found found;
  found.position = services.catalog.position(aggregate.plural);
  auto row = services.catalog.get(aggregate, workspace, id);
  if (!row) {
    found.problem = problem_of(row.error());
  } else if (*row) {
    found.row = std::move((*row)->bytes);
  }
  return found;
}

// True, and answered 304, if the client has this revision already.
bool is_known_to_client(Exchange& exchange, Revision revision) {
  if (!exchange.request.has(Header::if_none_match)) return false;
  const auto tags = parse_entity_tags(exchange.request.header(Header::if_none_match), true);
  if (!tags) return false;
  if (!tags->any && std::ranges::find(tags->revisions, revision) == tags->revisions.end()) return false;
  exchange.reply.status = 304;
  return true;
}

void answer_with(Exchange& exchange, const Found& found) {
  const schemas::Aggregate& aggregate = *exchange.call().aggregate;
  const auto id = exchange.parameter("id");
  if (found.problem) return exchange.refuse(*found.problem);
  if (!found.row) {
    return exchange.refuse({ProblemKind::not_found, fmt::format("There is no {} `{}` as of position {}.",
                                                                aggregate.name, id, found.position.value)});
  }
  const schemas::Field* field = aggregate.state->find("revision");
  const Revision revision{static_cast<std::uint64_t>(schemas::integer_of(*field, *found.row).value_or(0))};
  exchange.reply.add("ETag", fmt::format("\"{}\"", revision.value));
  add_position(exchange.reply, found.position);
  if (is_known_to_client(exchange, revision)) return;
  schemas::encode_json(*aggregate.state, *found.row, exchange.reply.body);
}

// --- lists ---

// `status=todo,in_progress`, `due_at_before=...`, `priority_min=...`: filters are named after the state's indexed
// fields.
std::optional<projections::FieldFilter> filter_of(const schemas::Table& state, std::string_view name,
                                                  std::string_view& suffix) {
  projections::FieldFilter filter;
  suffix = {};
  filter.field = state.find(name);
  if (filter.field != nullptr && filter.field->index) return filter;
  for (const std::string_view end : {"_after", "_before", "_min", "_max"}) {
    if (!name.ends_with(end)) continue;
    filter.field = state.find(name.substr(0, name.size() - end.size()));
    if (filter.field == nullptr || !filter.field->index) return std::nullopt;
    const bool for_times = end == "_after" || end == "_before";
    const schemas::Kind kind = filter.field->kind;
    const bool is_number =
        kind == schemas::Kind::integer || kind == schemas::Kind::unsigned_integer || kind == schemas::Kind::floating;
    if (for_times != filter.field->is_time() || !is_number) return std::nullopt;
    const bool from_below = end == "_after" || end == "_min";
    filter.test = from_below ? projections::FieldFilter::Test::at_least : projections::FieldFilter::Test::below;
    suffix = end;
    return filter;
  }
  return std::nullopt;
}

std::string values_of(const schemas::Field& field) {
  if (field.is_time()) return "must be an RFC 3339 time such as 2030-01-31T09:00:00Z (write `+` as %2B)";
  if (field.kind == schemas::Kind::boolean) return "must be true or false";
  if (field.kind != schemas::Kind::enumeration) return "has a value that the field cannot have";
  std::string must = "must be one of";
  for (const auto& value : field.values) must.append(" ").append(value.name);
  return must;
}

bool add_keys(Exchange& exchange, const QueryParameters::Parameter& parameter, std::string_view suffix,
              projections::FieldFilter& filter) {
  std::vector<std::string> texts;
  if (suffix.empty()) {
    for (const auto item : split_list(parameter.value)) texts.emplace_back(item);
  } else {
    texts.push_back(parameter.value);
  }
  for (const std::string& text : texts) {
    auto key = schemas::index_key_of(*filter.field, text);
    if (!key) {
      exchange.refuse(invalid_parameter(parameter.name, values_of(*filter.field)));
      return false;
    }
    // "At most n" is "below the key that follows n's".
    if (suffix == "_max") key->push_back('\0');
    filter.keys.push_back(*std::move(key));
  }
  if (!filter.keys.empty()) return true;
  exchange.refuse(invalid_parameter(parameter.name, "must have a value"));
  return false;
}

bool take_filters(Exchange& exchange, projections::ListQuery& query) {
  const schemas::Table& state = *exchange.call().aggregate->state;
  for (auto& parameter : exchange.query.all()) {
    if (parameter.taken) continue;
    std::string_view suffix;
    auto filter = filter_of(state, parameter.name, suffix);
    if (!filter) continue;
    parameter.taken = true;
    if (!add_keys(exchange, parameter, suffix, *filter)) return false;
    query.filters.push_back(*std::move(filter));
  }
  return true;
}

bool take_sort(Exchange& exchange, projections::ListQuery& query) {
  auto sort = exchange.query.take("sort");
  if (!sort || sort->empty()) return true;
  query.descending = sort->starts_with('-');
  const auto name = sort->substr(query.descending ? 1 : 0);
  if (name == "id") return true;
  const schemas::Table& state = *exchange.call().aggregate->state;
  query.sort = state.find(name);
  if (query.sort != nullptr && query.sort->index && !query.sort->is_list) return true;
  std::string must = "must be one of id";
  for (const schemas::Field& field : state.fields) {
    if (field.index && !field.is_list) must.append(", ").append(field.name);
  }
  exchange.refuse(invalid_parameter("sort", must + ", with `-` before it for the other way round"));
  return false;
}

std::optional<projections::ListQuery> take_query(Exchange& exchange) {
  projections::ListQuery query;
  query.workspace = exchange.principal->workspace;
  const auto limit = take_number(exchange, "limit", kDefaultLimit, 1, kMostLimit);
  if (!limit) return std::nullopt;
  query.limit = *limit;
  query.cursor = exchange.query.take("cursor").value_or("");
  if (const auto* owner = exchange.call().owner; owner != nullptr) {
    const auto key = schemas::index_key_of(*owner, exchange.parameter("id"));
    if (!key) {
      exchange.refuse({ProblemKind::not_found, fmt::format("`{}` is no id.", exchange.parameter("id"))});
      return std::nullopt;
    }
    query.filters.push_back({.field = owner, .test = projections::FieldFilter::Test::equal, .keys = {*key}});
  }
  if (!take_sort(exchange, query) || !take_filters(exchange, query) || !exchange.all_parameters_known())
    return std::nullopt;
  return query;
}

void answer_with(Exchange& exchange, const projections::Page& page) {
  const schemas::Table& state = *exchange.call().aggregate->state;
  std::string& body = exchange.reply.body;
  body.append("{\"items\":[");
  for (std::size_t at = 0; at < page.rows.size(); ++at) {
    if (at > 0) body += ',';
    schemas::encode_json(state, page.rows[at].bytes, body);
  }
  body.append("],\"next_cursor\":");
  if (page.next_cursor.empty()) {
    body.append("null");
  } else {
    schemas::append_json_string(page.next_cursor, body);
  }
  fmt::format_to(std::back_inserter(body), ",\"position\":{}}}", page.position.value);
  add_position(exchange.reply, page.position);
}

}  // namespace

Task<void> answer_entity(Exchange* exchange, ShowRow show) {
  if (!check_scope(*exchange)) co_return;
  const schemas::Aggregate& aggregate = *exchange->call().aggregate;
  std::optional<Position> as_of;
  const bool past = co_await take_as_of(exchange, &as_of);
  if (!past) co_return;
  const bool reached = co_await await_min_position(exchange, aggregate.plural);
  if (!reached || !exchange->all_parameters_known()) co_return;
  const auto id = exchange->parameter("id");
  const auto found = co_await exchange->blocking([exchange, &aggregate, &as_of, id, show] {
    const auto& workspace = exchange->principal->workspace;
    auto read = as_of ? read_past(exchange->services(), workspace, aggregate, id, *as_of)
                      : read_present(exchange->services(), workspace, aggregate, id);
    if (show != nullptr && read.row) read.row = show(*exchange, *std::move(read.row), as_of);
    return read;
  });
  answer_with(*exchange, found);
}

Task<void> answer_list(Exchange* exchange, ShowRow show) {
  if (!check_scope(*exchange)) co_return;
  const schemas::Aggregate& aggregate = *exchange->call().aggregate;
  std::optional<Position> as_of;
  const bool past = co_await take_as_of(exchange, &as_of);
  if (!past) co_return;
  const bool reached = co_await await_min_position(exchange, aggregate.plural);
  if (!reached) co_return;
  const auto query = take_query(*exchange);
  if (!query) co_return;
  projections::Catalog& catalog = exchange->services().catalog;
  const auto page = co_await exchange->blocking([&] {
    auto found = as_of ? catalog.list_as_of(aggregate, *query, *as_of) : catalog.list(aggregate, *query);
    if (show == nullptr || !found) return found;
    for (auto& row : found->rows) row.bytes = show(*exchange, std::move(row.bytes), as_of);
    return found;
  });
  if (!page) {
    exchange->refuse(problem_of(page.error()));
    co_return;
  }
  answer_with(*exchange, *page);
}

Task<void> get_entity(Exchange* exchange) { return answer_entity(exchange, nullptr); }
Task<void> list_entities(Exchange* exchange) { return answer_list(exchange, nullptr); }

}  // namespace flowstone::api
