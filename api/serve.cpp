// The life of a connection: request after request, each read, carried out and answered in order.
#include <exception>
#include <optional>

#include "api/connection.hpp"
#include "api/exchange.hpp"
#include "api/streamed_body.hpp"

namespace flowstone::api {
namespace {

constexpr std::size_t kUnsentAtMost = 16 << 10;  // answers to pipelined requests go out together up to here
constexpr std::size_t kLargeBody = 64 << 10;

// What one connection keeps from request to request.
struct Session {
  std::shared_ptr<Connection> connection;
  Request request;
  std::string out;
  // The key that was checked last, and under which state of the keys.
  std::string authorization;
  std::shared_ptr<const Principal> principal;
  std::uint64_t generation = 0;
  std::string peer;
};

// Memory for large bodies is counted over all connections.
class LargeBody {
 public:
  explicit LargeBody(Core& core) : core_(core) {}
  ~LargeBody() { core_.large_bodies.fetch_sub(held_, std::memory_order_relaxed); }
  LargeBody(const LargeBody&) = delete;
  LargeBody& operator=(const LargeBody&) = delete;

  // False if there is no room for so many bytes more.
  bool grow_to(std::size_t size) {
    if (size <= kLargeBody || size <= held_) return true;
    const std::size_t more = size - held_;
    if (core_.large_bodies.fetch_add(more, std::memory_order_relaxed) + more > core_.options.large_body_bytes) {
      core_.large_bodies.fetch_sub(more, std::memory_order_relaxed);
      return false;
    }
    held_ = size;
    return true;
  }

 private:
  Core& core_;
  std::size_t held_ = 0;
};

enum class Received : std::uint8_t { request, nothing, too_slow, malformed, head_too_large, body_too_large, no_room };

Task<Received> receive(Session* session, RequestParser* parser, LargeBody* large) {
  Connection& connection = *session->connection;
  const Deadlines& deadlines = connection.core.options.deadlines;
  bool told_to_continue = false;
  bool saw_head = false;
  connection.expire_in(deadlines.idle);
  connection.set_idle(true);
  for (;;) {
    if (!connection.unread().empty()) {
      if (!parser->has_begun()) {
        connection.set_idle(false);
        connection.expire_in(deadlines.head);
      }
      const auto step = parser->feed(connection.unread());
      connection.consume(step.consumed);
      switch (step.outcome) {
        case RequestParser::Outcome::complete:
          connection.never_expire();
          co_return Received::request;
        case RequestParser::Outcome::malformed:
          co_return Received::malformed;
        case RequestParser::Outcome::head_too_large:
          co_return Received::head_too_large;
        case RequestParser::Outcome::body_too_large:
          co_return Received::body_too_large;
        case RequestParser::Outcome::need_more:
          break;
        case RequestParser::Outcome::head_complete:
          if (!session->request.streamed) break;
          connection.never_expire();
          co_return Received::request;
      }
      if (!large->grow_to(session->request.body.size())) co_return Received::no_room;
    }
    if (!saw_head && parser->has_head()) {
      saw_head = true;
      connection.expire_in(deadlines.body);
    }
    if (saw_head && !told_to_continue && session->request.has(Header::expect)) {
      told_to_continue = true;
      session->out.append("HTTP/1.1 100 Continue\r\n\r\n");
    }
    if (!session->out.empty()) {
      const bool sent = co_await connection.write(session->out);
      session->out.clear();
      if (!sent) co_return Received::nothing;
      connection.expire_in(saw_head ? deadlines.body : parser->has_begun() ? deadlines.head : deadlines.idle);
    }
    if (!parser->has_begun()) connection.rest();
    if (connection.is_stopping() && !parser->has_begun()) co_return Received::nothing;
    const bool more = co_await connection.read_more();
    if (!more) co_return connection.has_expired() && parser->has_begun() ? Received::too_slow : Received::nothing;
  }
}

Problem problem_of(Received received, const RequestParser& parser) {
  switch (received) {
    case Received::too_slow:
      return {ProblemKind::request_timeout};
    case Received::head_too_large:
      return {ProblemKind::head_too_large};
    case Received::body_too_large:
      return {ProblemKind::content_too_large};
    case Received::no_room: {
      Problem problem{ProblemKind::busy};
      problem.retry_after_seconds = 1;
      return problem;
    }
    case Received::malformed:
      return {ProblemKind::malformed_request, parser.reason()};
    case Received::request:
    case Received::nothing:
      break;
  }
  return {ProblemKind::internal_error};
}

// The address of a webhook is for its sender alone.
std::string_view logged_path(const Exchange& exchange) {
  const Route* const route = exchange.match.route;
  const bool is_delivery = route != nullptr && route->call != nullptr && route->call->parameters == "webhook";
  return is_delivery ? std::string_view(route->pattern) : exchange.path;
}

void record(Session& session, const Exchange& exchange) {
  Core& core = exchange.core;
  const auto took = std::chrono::steady_clock::now() - exchange.began;
  if (exchange.match.route == nullptr) {
    core.metrics.unrouted.fetch_add(1, std::memory_order_relaxed);
  } else {
    RouteMetrics& route = core.metrics.routes[exchange.match.route->number];
    route.duration.observe(took);
    route.by_class[std::min(exchange.reply.status / 100, 5)].fetch_add(1, std::memory_order_relaxed);
  }
  if (!core.log.enabled()) return;
  if (session.peer.empty()) session.peer = session.connection->peer();
  AccessEntry entry{to_text(exchange.request.method), logged_path(exchange), exchange.request_id, {}, {}, session.peer};
  if (exchange.principal) {
    entry.actor = exchange.principal->actor;
    entry.workspace = exchange.principal->workspace;
  }
  entry.status = exchange.reply.status;
  entry.request_bytes = exchange.request.body_bytes;
  entry.response_bytes = exchange.reply.body.size();
  entry.took = took;
  core.log.write(entry);
}

void use_known_principal(Session& session, Exchange& exchange) {
  const auto authorization = session.request.header(Header::authorization);
  if (authorization.empty() || authorization != session.authorization) return;
  const Authenticator& authenticator = exchange.core.authenticator;
  if (authenticator.generation() != session.generation || authenticator.is_expired(*session.principal)) return;
  exchange.principal = session.principal;
}

void remember_principal(Session& session, const Exchange& exchange, std::uint64_t generation) {
  if (!exchange.principal || exchange.by_ticket || exchange.principal == session.principal) return;
  session.authorization = session.request.header(Header::authorization);
  session.principal = exchange.principal;
  session.generation = generation;
}

// Answers one request; true if the connection goes on to the next.
Task<bool> answer(Session* session, RequestParser* parser) {
  Connection& connection = *session->connection;
  const std::uint64_t generation = connection.core.authenticator.generation();
  Exchange exchange(connection.core, connection.loop, session->request);
  exchange.connection = &connection;
  use_known_principal(*session, exchange);
  StreamedBody body(connection, session->request, *parser, session->out);
  if (session->request.streamed) exchange.body = &body;
  try {
    co_await dispatch(&exchange);
  } catch (const std::exception& exception) {
    connection.core.log.error(exception.what(), exchange.request_id);
    exchange.take_over = nullptr;
    exchange.reply = {};
    exchange.refuse({ProblemKind::internal_error});
  }
  remember_principal(*session, exchange, generation);
  if (exchange.take_over) {
    record(*session, exchange);
    const bool sent = session->out.empty() || co_await connection.write(session->out);
    session->out = {};
    session->request.shrink();
    TakeOver take_over = std::move(exchange.take_over);
    if (sent) co_await take_over(session->connection);
    connection.close();
    co_return false;
  }
  // What is left of a refused body is not worth reading.
  if (connection.is_stopping() || !parser->is_complete()) exchange.reply.close = true;
  append_head(exchange, session->out);
  if (session->request.method != Method::head) session->out.append(exchange.reply.body);
  record(*session, exchange);
  co_return session->request.keep_alive && !exchange.reply.close;
}

// Refuses what could not even be read; the connection ends after it.
Task<void> refuse(Session* session, Problem problem) {
  session->connection->revive();
  Exchange exchange(session->connection->core, session->connection->loop, session->request);
  exchange.request_id = exchange.services().ids.fresh();
  exchange.reply.close = true;
  exchange.refuse(problem);
  append_head(exchange, session->out);
  session->out.append(exchange.reply.body);
  record(*session, exchange);
  co_await session->connection->write(session->out);
}

Task<bool> serve_one(Session* session) {
  Connection& connection = *session->connection;
  RequestParser parser(session->request, connection.core.options.request);
  LargeBody large(connection.core);
  const Received received = co_await receive(session, &parser, &large);
  connection.set_idle(false);
  connection.never_expire();
  if (received == Received::nothing) co_return false;
  if (received != Received::request) {
    co_await refuse(session, problem_of(received, parser));
    co_await connection.linger();
    co_return false;
  }
  const bool goes_on = co_await answer(session, &parser);
  if (connection.is_closed()) co_return false;
  if (!goes_on || connection.unread().empty() || session->out.size() > kUnsentAtMost) {
    const bool sent = co_await connection.write(session->out);
    if (session->out.capacity() > kUnsentAtMost) {
      session->out = {};
    } else {
      session->out.clear();
    }
    session->request.shrink();
    if (sent && !goes_on) co_await connection.linger();
    co_return sent&& goes_on;
  }
  co_return true;
}

}  // namespace

Task<void> serve(std::shared_ptr<Connection> connection) {
  Session session;
  session.connection = connection;
  bool goes_on = co_await connection->handshake();
  while (goes_on) goes_on = co_await serve_one(&session);
  connection->close();
}

}  // namespace flowstone::api
