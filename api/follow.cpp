#include "api/follow.hpp"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include "api/problem.hpp"
#include "schemas/json.hpp"

namespace flowstone::api {
namespace {

constexpr std::chrono::seconds kLookInterval(1);

// Takes what a client says although it has nothing to say, until it goes away.
Task<void> notice_end(std::shared_ptr<Connection> connection) {
  bool more = true;
  while (more) {
    connection->consume(connection->unread().size());
    more = co_await connection->read_more();
  }
  connection->wake.set();
}

std::string heartbeat(const FollowRequest& request, const FeedCursor& cursor) {
  const auto position = cursor.examined().value;
  const auto head = cursor.head().value;
  if (request.framing == Framing::sse) return fmt::format("id: {}\n: head {}\n\n", position, head);
  return fmt::format("{{\"progress\":{{\"position\":{},\"head\":{}}}}}\n", position, head);
}

std::string last_words(const FollowRequest& request, std::string_view code, std::string_view detail, Position from) {
  std::string json = fmt::format("{{\"end\":{{\"code\":\"{}\",\"detail\":", code);
  schemas::append_json_string(detail, json);
  fmt::format_to(std::back_inserter(json), ",\"resume_from\":{}}}}}", from.value);
  return request.framing == Framing::sse ? fmt::format("event: end\ndata: {}\n\n", json) : json + "\n";
}

// Sends the pieces as one HTTP chunk.
Task<bool> send(std::shared_ptr<Connection> connection, bool chunked, std::vector<std::string_view> pieces) {
  std::size_t size = 0;
  std::vector<net::const_buffer> buffers;
  buffers.reserve(pieces.size() + 2);
  for (const auto piece : pieces) size += piece.size();
  const std::string chunk_head = fmt::format("{:x}\r\n", size);
  if (chunked) buffers.emplace_back(chunk_head.data(), chunk_head.size());
  for (const auto piece : pieces) buffers.emplace_back(piece.data(), piece.size());
  if (chunked) buffers.emplace_back("\r\n", 2);
  co_return co_await connection->write(std::move(buffers));
}

// Sends events until the stream ends; the words to end it with.
Task<std::string> send_events(std::shared_ptr<Connection> connection, const FollowRequest* request,
                              FeedCursor* cursor) {
  Metrics& metrics = connection->core.metrics;
  bool look = true;
  while (!connection->is_closed() && !cursor->is_finished()) {
    if (!cursor->still_authorised())
      co_return last_words(*request, "unauthenticated", "The key was revoked or has expired.", cursor->from());
    if (connection->is_stopping())
      co_return last_words(*request, "stopping", "The server is being stopped.", cursor->from());
    const Batch batch = look ? cursor->next() : Batch{};
    if (!batch.failure.empty()) {
      connection->core.log.error(batch.failure, {});
      co_return last_words(*request, "storage_damaged", damage_at(cursor->from()), cursor->from());
    }
    if (batch.bytes > 0) {
      const bool sent = co_await send(connection, request->chunked, batch.pieces);
      if (!sent) {
        if (connection->has_expired()) metrics.slow_readers_closed.fetch_add(1, std::memory_order_relaxed);
        connection->close();
        co_return std::string();
      }
      cursor->sent();
      metrics.delivered_events.fetch_add(batch.events, std::memory_order_relaxed);
      metrics.delivered_bytes.fetch_add(batch.bytes, std::memory_order_relaxed);
    }
    if (batch.examined.value != 0) {
      cursor->advance(batch);
      continue;
    }
    if (cursor->heartbeat_is_due()) {
      const std::string mark = heartbeat(*request, *cursor);
      const bool sent = co_await send(connection, request->chunked, {mark});
      if (!sent) connection->close();
      cursor->sent();
    }
    connection->tick_at = cursor->next_look();
    co_await connection->wake.wait();
    look = cursor->take_call();
  }
  co_return std::string();
}

}  // namespace

FeedCursor::FeedCursor(Connection& connection, const FollowRequest& request)
    : connection_(connection),
      feed_(connection.core.feeds.find(request.filter, request.framing)),
      waker_(std::make_shared<Waker>(connection.loop, connection.wake)),
      principal_(request.principal),
      from_(request.from),
      to_(request.to),
      left_(request.events) {}

FeedCursor::~FeedCursor() { connection_.core.feeds.leave(*feed_, waker_); }

Batch FeedCursor::next() { return connection_.core.feeds.next(feed_, {from_, to_, left_}, waker_); }

void FeedCursor::advance(const Batch& batch) {
  from_ = batch.examined.next();
  if (left_ != UINT64_MAX) left_ -= batch.events;
}

Position FeedCursor::head() const { return connection_.core.services.store.state().durable; }

bool FeedCursor::still_authorised() {
  const Authenticator& authenticator = connection_.core.authenticator;
  const std::uint64_t generation = authenticator.generation();
  if (generation == generation_) return !authenticator.is_expired(*principal_);
  generation_ = generation;
  return authenticator.still_holds(*principal_);
}

bool FeedCursor::heartbeat_is_due() const {
  return std::chrono::steady_clock::now() - last_sent_ >= connection_.core.options.deadlines.heartbeat;
}

SteadyTime FeedCursor::next_look() const {
  const auto now = std::chrono::steady_clock::now();
  return std::min<SteadyTime>(now + kLookInterval, last_sent_ + connection_.core.options.deadlines.heartbeat);
}

Task<void> follow_over_http(std::shared_ptr<Connection> connection, FollowRequest request) {
  auto& metrics = connection->core.metrics;
  const Subscribed subscribed(request.framing == Framing::sse ? metrics.sse_subscribers : metrics.ndjson_subscribers);
  const bool began = co_await connection->write(request.head);
  if (!began) co_return;
  FeedCursor cursor(*connection, request);
  net::co_spawn(connection->loop.executor(), notice_end(connection), net::detached);
  if (request.framing == Framing::sse) {
    // The first record carries an id: a client that is cut off before the first event resumes all the same.
    const std::string opening =
        fmt::format("retry: 1000\nid: {}\n: head {}\n\n", cursor.examined().value, cursor.head().value);
    co_await send(connection, request.chunked, {opening});
  }
  if (!request.snapshot.empty()) co_await send(connection, request.chunked, {request.snapshot});
  const std::string end = co_await send_events(connection, &request, &cursor);
  if (connection->is_closed()) co_return;
  if (!end.empty()) co_await send(connection, request.chunked, {end});
  if (request.chunked) co_await connection->write(std::string_view("0\r\n\r\n"));
}

}  // namespace flowstone::api
