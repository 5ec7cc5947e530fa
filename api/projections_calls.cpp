// The operator's calls: where each projection stands, and the controls to rebuild it while it serves.
#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include "api/command_answers.hpp"
#include "api/connection.hpp"
#include "api/handlers.hpp"
#include "api/header_values.hpp"
#include "api/projection_words.hpp"
#include "base/bytes.hpp"
#include "schemas/json.hpp"
#include "schemas/projection_generated.h"

namespace flowstone::api {
namespace {

using projections::BuildStatus;
using projections::Status;

constexpr std::chrono::milliseconds kLookInterval(250);

void append_text(std::string_view name, std::string_view text, std::string& out) {
  if (text.empty()) return;
  out.append(",\"").append(name).append("\":");
  schemas::append_json_string(text, out);
}

void append_time(std::string_view name, const std::optional<Timestamp>& time, std::string& out) {
  if (time) append_text(name, to_rfc3339(*time), out);
}

void append_build(const BuildStatus& build, std::string& out) {
  fmt::format_to(std::back_inserter(out),
                 "{{\"number\":{},\"role\":\"{}\",\"position\":{},\"rows\":{},\"digest\":\"{}\"", build.number,
                 name_of(build.role), build.position.value, build.rows, to_hex(view(build.digest)));
  append_text("fingerprint", build.fingerprint, out);
  append_time("started_at", build.started_at, out);
  append_time("finished_at", build.finished_at, out);
  append_text("error", without_directories(build.error), out);
  out += '}';
}

void append_rebuild(const Status& status, std::string& out) {
  const auto building = std::ranges::find(status.builds, BuildStatus::Role::building, &BuildStatus::role);
  const auto ready = std::ranges::find(status.builds, BuildStatus::Role::ready, &BuildStatus::role);
  const auto build = building != status.builds.end() ? building : ready;
  if (build == status.builds.end()) return;
  auto end = std::back_inserter(out);
  fmt::format_to(end, ",\"rebuild_position\":{},\"rebuild_target\":{}", build->position.value,
                 status.rebuild_target.value);
  if (!status.rebuild_events_per_second) return;
  const double rate = *status.rebuild_events_per_second;
  fmt::format_to(end, ",\"rebuild_events_per_second\":{:.1f}", rate);
  if (rate <= 0) return;
  const auto left =
      static_cast<double>(status.rebuild_target.value - std::min(status.rebuild_target.value, build->position.value));
  fmt::format_to(end, ",\"rebuild_ms_left\":{}", static_cast<std::uint64_t>(left / rate * 1000));
}

void append_status(const Status& status, std::string& out) {
  const auto serving = std::ranges::find(status.builds, BuildStatus::Role::serving, &BuildStatus::role);
  auto end = std::back_inserter(out);
  out.append("{\"name\":");
  schemas::append_json_string(status.name, out);
  fmt::format_to(
      end,
      ",\"state\":\"{}\",\"position\":{},\"head\":{},\"lag\":{},\"lag_ms\":{},\"events_per_second\":{:.1f},\"rows\":{}",
      name_of(status.state), status.position.value, status.head.value,
      status.head.value - std::min(status.head.value, status.position.value), status.lag.count(),
      status.events_per_second, serving == status.builds.end() ? 0 : serving->rows);
  out.append(",\"builds\":[");
  for (std::size_t at = 0; at < status.builds.size(); ++at) {
    if (at > 0) out += ',';
    append_build(status.builds[at], out);
  }
  out += ']';
  append_rebuild(status, out);
  if (status.digests_equal) out.append(*status.digests_equal ? ",\"digests_equal\":true" : ",\"digests_equal\":false");
  append_text("error", without_directories(status.error), out);
  if (!status.error.empty()) fmt::format_to(end, ",\"error_position\":{}", status.error_position.value);
  append_time("heartbeat_at", status.heartbeat_at, out);
  out += '}';
}

// Scopes name aggregates; projections are the whole server's.
bool may_operate(Exchange& exchange) {
  if (exchange.principal->is_scoped()) {
    exchange.refuse({ProblemKind::forbidden, "This call needs a key without scopes."});
    return false;
  }
  return exchange.all_parameters_known();
}

void answer_status(Exchange& exchange, std::uint16_t code) {
  const auto name = exchange.parameter("name");
  const auto status = exchange.services().catalog.status(name);
  if (!status) return exchange.refuse({ProblemKind::not_found, fmt::format("There is no projection `{}`.", name)});
  exchange.reply.status = code;
  append_status(*status, exchange.reply.body);
}

Problem problem_of(const projections::ControlError& error) {
  using Code = projections::ControlError::Code;
  Problem problem{ProblemKind::conflict, error.detail};
  switch (error.code) {
    case Code::no_such_projection:
      problem.kind = ProblemKind::not_found;
      return problem;
    case Code::already_rebuilding:
      problem.code = "already_rebuilding";
      return problem;
    case Code::no_rebuild:
      problem.code = "no_rebuild";
      return problem;
    case Code::not_ready:
      problem.code = "not_ready";
      return problem;
    case Code::no_previous:
      problem.code = "no_previous";
      return problem;
  }
  return problem;
}

using Control = Result<void, projections::ControlError>;

// The body by its contract, where there is one; nothing, and refused, if it breaks it.
std::optional<Bytes> take_body(Exchange& exchange) {
  const std::string_view json = exchange.request.body.empty() ? std::string_view("{}") : exchange.request.body;
  auto body = schemas::decode_json(*exchange.call().request, json);
  if (body) return *std::move(body);
  exchange.refuse(api::problem_of(body.error()));
  return std::nullopt;
}

Task<void> control(Exchange* exchange, std::move_only_function<Control(projections::Catalog&, std::string_view)> act) {
  if (!may_operate(*exchange)) co_return;
  projections::Catalog& catalog = exchange->services().catalog;
  const auto name = exchange->parameter("name");
  const auto done = co_await exchange->blocking([&] { return act(catalog, name); });
  if (!done) {
    exchange->refuse(problem_of(done.error()));
  } else {
    answer_status(*exchange, exchange->call().status);
  }
}

// --- as a stream ---

struct Watch {
  std::string head;
  std::string name;
  bool sse = false;
  bool chunked = true;
};

Task<void> notice_end(std::shared_ptr<Connection> connection) {
  bool more = true;
  while (more) {
    connection->consume(connection->unread().size());
    more = co_await connection->read_more();
  }
  connection->wake.set();
}

// Sends the status whenever it has moved, until it is live again after a rebuild and the client goes, or the server
// stops.
Task<void> watch(std::shared_ptr<Connection> connection, Watch what) {
  const bool began = co_await connection->write(what.head);
  if (!began) co_return;
  net::co_spawn(connection->loop.executor(), notice_end(connection), net::detached);
  std::string last;
  auto last_sent = std::chrono::steady_clock::now();
  while (!connection->is_closed() && !connection->is_stopping()) {
    std::string json;
    if (const auto status = connection->core.services.catalog.status(what.name)) append_status(*status, json);
    const auto now = std::chrono::steady_clock::now();
    if (json != last || now - last_sent >= connection->core.options.deadlines.heartbeat) {
      const std::string record = what.sse ? "data: " + json + "\n\n" : json + "\n";
      const std::string framed = what.chunked ? fmt::format("{:x}\r\n{}\r\n", record.size(), record) : record;
      const bool sent = co_await connection->write(std::string_view(framed));
      if (!sent) co_return;
      last = json;
      last_sent = now;
    }
    connection->tick_at = now + kLookInterval;
    co_await connection->wake.wait();
  }
  if (!connection->is_closed() && what.chunked) co_await connection->write(std::string_view("0\r\n\r\n"));
}

}  // namespace

Task<void> list_projections(Exchange* exchange) {
  if (!may_operate(*exchange)) co_return;
  const auto statuses = exchange->services().catalog.statuses();
  std::string& body = exchange->reply.body;
  body.append("{\"items\":[");
  for (std::size_t at = 0; at < statuses.size(); ++at) {
    if (at > 0) body += ',';
    append_status(statuses[at], body);
  }
  fmt::format_to(std::back_inserter(body), "],\"next_cursor\":null,\"position\":{}}}",
                 exchange->services().store.state().durable.value);
}

Task<void> get_projection(Exchange* exchange) {
  if (!may_operate(*exchange)) co_return;
  static const std::vector<std::string_view> kOffers = {"application/json", "application/x-ndjson",
                                                        "text/event-stream"};
  const auto chosen = choose_media(exchange->request.header(Header::accept), kOffers);
  if (!chosen) {
    exchange->refuse({ProblemKind::not_acceptable});
    co_return;
  }
  answer_status(*exchange, 200);
  if (*chosen == 0 || exchange->reply.status != 200) co_return;
  Watch what{"HTTP/1.1 200 OK\r\n", std::string(exchange->parameter("name")), *chosen == 2,
             !exchange->request.is_http_1_0};
  append_common_headers(*exchange, what.head);
  what.head.append("Content-Type: ")
      .append(kOffers[*chosen])
      .append("\r\nCache-Control: no-store\r\nConnection: close\r\n");
  if (what.chunked) what.head.append("Transfer-Encoding: chunked\r\n");
  what.head.append("\r\n");
  exchange->take_over = [what = std::move(what)](std::shared_ptr<Connection> connection) mutable {
    return watch(std::move(connection), std::move(what));
  };
}

Task<void> rebuild_projection(Exchange* exchange) {
  const auto body = take_body(*exchange);
  if (!body) co_return;
  const bool auto_switch = flatbuffers::GetRoot<schemas::RebuildProjection>(body->data())->auto_switch();
  co_await control(exchange, [auto_switch](projections::Catalog& catalog, std::string_view name) {
    return catalog.rebuild(name, auto_switch);
  });
}

Task<void> cancel_rebuild(Exchange* exchange) {
  if (!take_body(*exchange)) co_return;
  co_await control(exchange, [](projections::Catalog& catalog, std::string_view name) { return catalog.cancel(name); });
}

Task<void> switch_projection(Exchange* exchange) {
  if (!take_body(*exchange)) co_return;
  co_await control(exchange,
                   [](projections::Catalog& catalog, std::string_view name) { return catalog.switch_over(name); });
}

Task<void> rollback_projection(Exchange* exchange) {
  if (!take_body(*exchange)) co_return;
  co_await control(exchange,
                   [](projections::Catalog& catalog, std::string_view name) { return catalog.roll_back(name); });
}

}  // namespace flowstone::api
