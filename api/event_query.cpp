#include <fmt/format.h>

#include "api/events.hpp"
#include "api/header_values.hpp"
#include "api/log_names.hpp"
#include "api/query_values.hpp"
#include "base/identifier.hpp"

namespace flowstone::api {
namespace {

constexpr std::uint64_t kMostLimit = 1000;

// "runs" in "/v1/runs/{id}/events" names the aggregate whose stream it is.
const schemas::Aggregate* aggregate_of(std::string_view pattern) {
  const std::size_t end = pattern.find("/{");
  const std::size_t begin = pattern.rfind('/', end - 1) + 1;
  return schemas::contracts().find_aggregate_by_plural(pattern.substr(begin, end - begin));
}

bool take_subject(Exchange& exchange, EventQuery& query) {
  if (exchange.match.parameters.empty()) {
    auto stream = take_stream_name(exchange, "stream");
    if (!stream) return false;
    query.filter.stream = *std::move(stream);
    return true;
  }
  const PathParameter& parameter = exchange.match.parameters.front();
  if (parameter.name == "stream") {
    query.filter.stream = parameter.value;
    if (is_stream_name(parameter.value)) return true;
    exchange.refuse({ProblemKind::not_found,
                     fmt::format("`{}` is no stream: a stream is called `<category>-<id>`.", parameter.value)});
    return false;
  }
  const schemas::Aggregate* const aggregate = aggregate_of(exchange.match.route->pattern);
  if (aggregate == nullptr || !is_uuid(parameter.value)) {
    exchange.refuse(
        {ProblemKind::not_found, fmt::format("`{}` is no id: ids are UUIDs in lower case.", parameter.value)});
    return false;
  }
  query.filter.stream = fmt::format("{}-{}", aggregate->name, parameter.value);
  return true;
}

bool take_names(Exchange& exchange, eventstore::Filter& filter) {
  auto types = take_event_types(exchange, "type");
  if (!types) return false;
  auto categories = take_categories(exchange, "category");
  if (!categories) return false;
  auto actor = take_log_name(exchange, "actor");
  if (!actor) return false;
  auto correlation = take_log_name(exchange, "correlation");
  if (!correlation) return false;
  filter.types = *std::move(types);
  filter.categories = *std::move(categories);
  filter.actor = *std::move(actor);
  filter.correlation = *std::move(correlation);
  return true;
}

// A key with scopes sees the events of its scopes alone.
bool check_scope(Exchange& exchange, const eventstore::Filter& filter) {
  if (!exchange.principal->is_scoped()) return true;
  std::vector<std::string> categories = filter.categories;
  if (!filter.stream.empty()) categories = {filter.stream.substr(0, filter.stream.find('-'))};
  bool inside = !categories.empty();
  for (const auto& category : categories) inside = inside && exchange.principal->in_scope(category, Access::read);
  if (inside) return true;
  exchange.refuse({ProblemKind::forbidden,
                   "This key's scopes do not include these events; name a stream or categories that they include."});
  return false;
}

bool take_until(Exchange& exchange, EventQuery& query) {
  const auto until = take_moment(exchange, "until");
  if (!until) return false;
  query.until = until->position;
  query.until_time = until->time;
  return true;
}

bool take_direction(Exchange& exchange, Transport transport, EventQuery& query) {
  const auto text = exchange.query.take("direction").value_or("forward");
  if (text == "forward") return true;
  if (text != "backward") {
    exchange.refuse(invalid_parameter("direction", "must be forward or backward"));
    return false;
  }
  query.direction = eventstore::Direction::backward;
  if (transport == Transport::page) return true;
  exchange.refuse(invalid_parameter("direction", "can be backward for JSON pages only; a stream goes forward"));
  return false;
}

// `Last-Event-ID: 41` goes on at 42, whatever `from` said when the stream was first opened.
bool take_last_event_id(Exchange& exchange, Transport transport, EventQuery& query) {
  if (transport != Transport::sse || !exchange.request.has(Header::last_event_id)) return true;
  const auto last = parse_number(exchange.request.header(Header::last_event_id));
  if (last && *last < UINT64_MAX) {
    query.from = Position{*last + 1};
    query.snapshot = false;
    return true;
  }
  Problem problem{ProblemKind::invalid_header};
  problem.errors.push_back({"Last-Event-ID", "must be the id of an event of this log: a position"});
  exchange.refuse(problem);
  return false;
}

// Streams of one entity can begin with it. Whoever comes back with `Last-Event-ID` has it already.
bool take_snapshot(Exchange& exchange, Transport transport, EventQuery& query) {
  const auto& parameters = exchange.match.parameters;
  if (parameters.empty() || parameters.front().name != "id") return true;
  const auto wanted = take_flag(exchange, "snapshot", false);
  if (!wanted) return false;
  if (!*wanted) return true;
  const auto refuse = [&exchange](std::string_view must) {
    exchange.refuse(invalid_parameter("snapshot", must));
    return false;
  };
  if (transport == Transport::page) return refuse("can be true for streams only; a page of events has none");
  if (query.from.value > 0) return refuse("cannot be true with `from`: the stream begins behind the snapshot");
  if (query.until || query.until_time) return refuse("cannot be true with `until`: it is of the present");
  query.snapshot = true;
  return true;
}

bool take_follow(Exchange& exchange, Transport transport, EventQuery& query) {
  if (!exchange.query.all().empty()) {
    const auto follow = take_flag(exchange, "follow", !query.until && !query.until_time);
    if (!follow) return false;
    query.follow = follow;
  } else {
    query.follow = true;
  }
  if (transport == Transport::page) query.follow = false;
  return true;
}

}  // namespace

std::optional<Transport> transport_of(const Request& request) {
  if (has_token(request.header(Header::upgrade), "websocket") &&
      has_token(request.header(Header::connection), "upgrade")) {
    return Transport::websocket;
  }
  static const std::vector<std::string_view> kOffers = {"application/json", "application/x-ndjson",
                                                        "text/event-stream"};
  const auto chosen = choose_media(request.header(Header::accept), kOffers);
  if (!chosen) return std::nullopt;
  return *chosen == 0 ? Transport::page : *chosen == 1 ? Transport::ndjson : Transport::sse;
}

std::optional<EventQuery> take_event_query(Exchange& exchange, Transport transport) {
  EventQuery query;
  query.filter.workspace = exchange.principal->workspace;
  if (!take_subject(exchange, query) || !take_names(exchange, query.filter)) return std::nullopt;
  if (!check_scope(exchange, query.filter)) return std::nullopt;
  const auto from = take_number(exchange, "from", 0, 0, UINT64_MAX - 1);
  if (!from) return std::nullopt;
  query.from = Position{*from};
  const auto limit = take_number(exchange, "limit", 0, 1, transport == Transport::page ? kMostLimit : UINT64_MAX - 1);
  if (!limit) return std::nullopt;
  if (*limit > 0) query.limit = limit;
  if (!take_direction(exchange, transport, query) || !take_until(exchange, query) ||
      !take_snapshot(exchange, transport, query) || !take_last_event_id(exchange, transport, query) ||
      !take_follow(exchange, transport, query) || !exchange.all_parameters_known()) {
    return std::nullopt;
  }
  return query;
}

}  // namespace flowstone::api
