// `GET .../events`: a JSON page, NDJSON, server-sent events or a WebSocket, by what the client asks for.
#include "api/events.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "api/cloud_event.hpp"
#include "api/command_answers.hpp"
#include "api/follow.hpp"
#include "api/handlers.hpp"
#include "api/header_values.hpp"
#include "api/websocket_frames.hpp"
#include "domain/aggregate.hpp"
#include "schemas/json.hpp"

namespace flowstone::api {
namespace {

constexpr std::uint64_t kDefaultLimit = 100;
constexpr std::uint64_t kPageExamines = 200'000;
constexpr std::size_t kPageBytes = 4 << 20;
constexpr std::string_view kSubprotocol = "cloudevents.json";

// --- a page ---

struct EventPage {
  std::string items;     // the array's content
  Position examined;     // up to (or down to) here
  bool complete = true;  // nothing is left in the range
  std::optional<Problem> problem;
};

// The index leads from one event that is wanted to the next, however far apart they are.
bool is_of_one_stream(const eventstore::Filter& filter) {
  return !filter.stream.empty() && filter.types.empty() && filter.categories.empty() && filter.actor.empty() &&
         filter.correlation.empty();
}

EventPage read_page(eventstore::Store& store, const EventQuery& query, Position from, Position to) {
  EventPage page;
  auto reader =
      store.read(query.filter, {.from = from,
                                .to = to,
                                .direction = query.direction,
                                .examine_at_most = is_of_one_stream(query.filter) ? UINT64_MAX : kPageExamines});
  if (!reader) {
    page.problem = problem_of(reader.error());
    return page;
  }
  const std::uint64_t limit = query.limit.value_or(kDefaultLimit);
  for (std::uint64_t count = 0; count < limit && page.items.size() < kPageBytes; ++count) {
    const auto event = (*reader)->next();
    if (!event) {
      page.problem = problem_of(event.error());
      return page;
    }
    if (*event == nullptr) {
      page.examined = (*reader)->examined();
      page.complete = page.examined == to || page.examined.value == 0;
      return page;
    }
    if (count > 0) page.items += ',';
    append_cloud_event(**event, page.items);
    page.examined = (*event)->position;
  }
  page.complete = page.examined == to;
  return page;
}

void append_page(const EventQuery& query, const EventPage& page, Position head, std::string& out) {
  const bool forward = query.direction == eventstore::Direction::forward;
  out.append("{\"items\":[").append(page.items).append("],\"next_cursor\":");
  const bool more = !page.complete && (forward || page.examined.value > 1);
  if (more) {
    fmt::format_to(std::back_inserter(out), "\"{}\"", forward ? page.examined.value + 1 : page.examined.value - 1);
  } else {
    out.append("null");
  }
  fmt::format_to(std::back_inserter(out), ",\"position\":{},\"head\":{}}}", page.examined.value, head.value);
}

// The last position wanted, by position or time.
Task<Position> end_of(Exchange* exchange, const EventQuery* query, Position open_end) {
  if (query->until) co_return std::min(*query->until, open_end);
  if (!query->until_time) co_return open_end;
  eventstore::Store& store = exchange->services().store;
  const auto position = co_await exchange->blocking([&store, query] { return store.position_at(*query->until_time); });
  co_return position ? *position : Position{};
}

Task<void> answer_page(Exchange* exchange, const EventQuery* query) {
  eventstore::Store& store = exchange->services().store;
  const Position head = store.state().durable;
  EventPage page;
  if (query->direction == eventstore::Direction::backward) {
    const Position end = co_await end_of(exchange, query, head);
    const Position from = query->from.value == 0 ? end : std::min(query->from, end);
    page.examined = from;
    if (from.value > 0) page = co_await exchange->blocking([&] { return read_page(store, *query, from, Position{1}); });
  } else {
    const Position end = co_await end_of(exchange, query, head);
    const Position from{std::max<std::uint64_t>(query->from.value, 1)};
    page.examined = Position{std::min(from.value - 1, head.value)};
    if (from <= end) page = co_await exchange->blocking([&] { return read_page(store, *query, from, end); });
  }
  if (page.problem) {
    exchange->refuse(*page.problem);
    co_return;
  }
  append_page(*query, page, head, exchange->reply.body);
  exchange->reply.add("Flowstone-Position", std::to_string(page.examined.value));
  exchange->reply.add("Vary", "Accept");
}

// --- a stream ---

std::string stream_head(const Exchange& exchange, std::string_view content_type) {
  std::string head = "HTTP/1.1 200 OK\r\n";
  append_common_headers(exchange, head);
  head.append("Content-Type: ").append(content_type);
  head.append("\r\nCache-Control: no-store\r\nX-Accel-Buffering: no\r\nVary: Accept\r\nConnection: close\r\n");
  if (!exchange.request.is_http_1_0) head.append("Transfer-Encoding: chunked\r\n");
  return head.append("\r\n");
}

// The answer to the upgrade; nothing, and refused, if the handshake is not right.
std::optional<std::string> websocket_head(Exchange& exchange, bool& cloud_events_only) {
  const Request& request = exchange.request;
  const auto refuse = [&exchange](std::string_view header, std::string_view must) {
    Problem problem{ProblemKind::invalid_header};
    problem.errors.push_back({std::string(header), std::string(must)});
    exchange.refuse(problem);
    return std::nullopt;
  };
  if (request.header(Header::sec_websocket_version) != "13") {
    exchange.reply.add("Sec-WebSocket-Version", "13");
    return refuse("Sec-WebSocket-Version", "must be 13");
  }
  const auto accept = accept_key(request.header(Header::sec_websocket_key));
  if (!accept) return refuse("Sec-WebSocket-Key", "must be 16 bytes in base64");
  const auto& origins = exchange.core.options.allowed_origins;
  const auto origin = request.header(Header::origin);
  if (!origin.empty() && !origins.empty() && std::ranges::find(origins, "*") == origins.end() &&
      std::ranges::find(origins, origin) == origins.end()) {
    return refuse("Origin", "is not one of those that this server allows");
  }
  std::string head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  append_common_headers(exchange, head);
  head.append("Sec-WebSocket-Accept: ").append(*accept).append("\r\n");
  cloud_events_only = has_token(request.header(Header::sec_websocket_protocol), kSubprotocol);
  if (cloud_events_only) head.append("Sec-WebSocket-Protocol: ").append(kSubprotocol).append("\r\n");
  return head.append("\r\n");
}

struct Snapshot {
  std::string json;
  Position position;  // of no later event of the stream than its state has
};

Result<Snapshot, Problem> read_snapshot(const Services& services, const EventQuery& query,
                                        const schemas::Aggregate& aggregate, std::string_view id) {
  const auto& workspace = query.filter.workspace;
  const auto newest = services.executor.read(workspace, *domain::find_aggregate_type(aggregate.name), id);
  if (!newest) return failure(problem_of(newest.error()));
  if (!*newest) return failure(Problem{ProblemKind::not_found});
  const auto reader = services.store.read_stream(workspace, query.filter.stream, (*newest)->revision);
  if (!reader) return failure(problem_of(reader.error()));
  const auto last = (*reader)->next();
  if (!last) return failure(problem_of(last.error()));
  if (*last == nullptr) return failure(damaged_storage("the stream ends before its entity's revision"));
  Snapshot snapshot{.json = {}, .position = std::max((*last)->position, (*newest)->position)};
  snapshot.json = fmt::format("{{\"snapshot\":{{\"position\":{},\"state\":", snapshot.position.value);
  schemas::encode_json(*aggregate.state, (*newest)->row, snapshot.json);
  snapshot.json.append("}}");
  return snapshot;
}

// The stream begins behind the snapshot. False, and refused, if there is none.
Task<bool> begin_with_snapshot(Exchange* exchange, const EventQuery* query, FollowRequest* follow) {
  if (!follow->marks) {
    exchange->refuse(invalid_parameter(
        "snapshot", "cannot be true under the subprotocol cloudevents.json: every message of it is an event"));
    co_return false;
  }
  const auto id = exchange->parameter("id");
  const std::string_view stream = query->filter.stream;
  const auto category = stream.substr(0, stream.size() - id.size() - 1);
  const auto* const aggregate = schemas::contracts().find_aggregate(category);
  const auto snapshot = co_await exchange->blocking(
      [exchange, query, aggregate, id] { return read_snapshot(exchange->services(), *query, *aggregate, id); });
  if (!snapshot) {
    exchange->refuse(snapshot.error());
    co_return false;
  }
  follow->from = snapshot->position.next();
  append_framed_snapshot(follow->framing, snapshot->position, snapshot->json, follow->snapshot);
  co_return true;
}

Task<void> begin_stream(Exchange* exchange, const EventQuery* query, Transport transport) {
  FollowRequest follow;
  follow.principal = exchange->principal;
  follow.filter = query->filter;
  follow.from = Position{std::max<std::uint64_t>(query->from.value, 1)};
  follow.events = query->limit.value_or(UINT64_MAX);
  follow.chunked = !exchange->request.is_http_1_0;
  const Position open_end = *query->follow ? Position{UINT64_MAX} : exchange->services().store.state().durable;
  follow.to = co_await end_of(exchange, query, open_end);
  if (transport == Transport::websocket) {
    bool cloud_events_only = false;
    auto head = websocket_head(*exchange, cloud_events_only);
    if (!head) co_return;
    follow.head = *std::move(head);
    follow.framing = Framing::websocket;
    // Under that subprotocol every message is a CloudEvent; the pings still tell the progress.
    follow.marks = !cloud_events_only;
    exchange->reply.status = 101;
  } else {
    follow.framing = transport == Transport::sse ? Framing::sse : Framing::ndjson;
    follow.head = stream_head(*exchange, transport == Transport::sse ? "text/event-stream" : "application/x-ndjson");
  }
  if (query->snapshot) {
    const bool begun = co_await begin_with_snapshot(exchange, query, &follow);
    if (!begun) co_return;
  }
  exchange->take_over = [follow = std::move(follow)](std::shared_ptr<Connection> connection) mutable {
    return follow.framing == Framing::websocket ? follow_over_websocket(std::move(connection), std::move(follow))
                                                : follow_over_http(std::move(connection), std::move(follow));
  };
}

// True if the entity whose stream is asked for exists.
Task<bool> exists(Exchange* exchange, const EventQuery* query) {
  eventstore::Store& store = exchange->services().store;
  const auto head = co_await exchange->blocking(
      [&store, query] { return store.stream_head(query->filter.workspace, query->filter.stream); });
  if (!head) {
    exchange->refuse(problem_of(head.error()));
    co_return false;
  }
  if (head->value > 0) co_return true;
  exchange->refuse({ProblemKind::not_found, fmt::format("There is no stream `{}`.", query->filter.stream)});
  co_return false;
}

}  // namespace

Task<void> read_events(Exchange* exchange) {
  const auto transport = transport_of(exchange->request);
  if (!transport) {
    exchange->refuse({ProblemKind::not_acceptable,
                      "Events come as application/json, application/x-ndjson, text/event-stream or over a WebSocket."});
    co_return;
  }
  const auto query = take_event_query(*exchange, *transport);
  if (!query) co_return;
  if (!exchange->match.parameters.empty() && exchange->match.parameters.front().name == "id") {
    const bool found = co_await exists(exchange, &*query);
    if (!found) co_return;
  }
  if (*transport == Transport::page || exchange->request.method == Method::head) {
    co_await answer_page(exchange, &*query);
  } else {
    co_await begin_stream(exchange, &*query, *transport);
  }
}

}  // namespace flowstone::api
