#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include "api/follow.hpp"
#include "api/problem.hpp"
#include "api/websocket_frames.hpp"

namespace flowstone::api {
namespace {

// What the reading coroutine tells the writing one. Both live on the connection's loop.
struct Talk {
  std::string pong;               // the answer to the newest ping; the wire takes it between two batches
  std::uint16_t refuse_code = 0;  // the client broke the rules: close with this
  std::string refuse_reason;
  bool client_closed = false;
  std::uint16_t client_code = close_code::kNormal;
  bool gone = false;                     // nothing more will be read
  std::optional<SteadyTime> unanswered;  // since when a ping waits for any sign of life
};

// False when no more frames are to be read.
bool take_frame(Connection& connection, Talk& talk) {
  ClientFrame frame = read_client_frame(connection.unread());
  connection.consume(frame.consumed);
  switch (frame.kind) {
    case ClientFrame::Kind::need_more:
      return true;
    case ClientFrame::Kind::pong:
      return true;
    case ClientFrame::Kind::ping:
      talk.pong = make_frame(opcode::kPong, frame.payload);
      return true;
    case ClientFrame::Kind::close:
      talk.client_closed = true;
      talk.client_code = frame.code;
      return false;
    case ClientFrame::Kind::message:
      talk.refuse_code = close_code::kPolicy;
      talk.refuse_reason = "this socket takes no messages";
      return false;
    case ClientFrame::Kind::protocol_error:
    case ClientFrame::Kind::too_big:
      talk.refuse_code = frame.code;
      talk.refuse_reason =
          frame.kind == ClientFrame::Kind::too_big ? "messages have at most 4096 bytes" : frame.payload;
      return false;
  }
  return false;
}

Task<void> listen(std::shared_ptr<Connection> connection, std::shared_ptr<Talk> talk) {
  bool goes_on = true;
  while (goes_on) {
    std::size_t before = SIZE_MAX;
    while (goes_on && connection->unread().size() != before && !connection->unread().empty()) {
      before = connection->unread().size();
      goes_on = take_frame(*connection, *talk);
    }
    if (!talk->pong.empty() || !goes_on) connection->wake.set();
    if (!goes_on) break;
    const bool more = co_await connection->read_more();
    if (!more) break;
    talk->unanswered.reset();
  }
  // After a close only the end of the connection is awaited.
  while (!goes_on && !talk->gone) {
    connection->consume(connection->unread().size());
    talk->gone = !co_await connection->read_more();
  }
  talk->gone = true;
  connection->wake.set();
}

std::string resume_reason(std::string_view why, Position from) {
  return fmt::format("{}; resume with from={}", why, from.value);
}

std::string progress(const FeedCursor& cursor) {
  return fmt::format("{{\"progress\":{{\"position\":{},\"head\":{}}}}}", cursor.examined().value, cursor.head().value);
}

// The client took nothing for too long: the event it is in is finished and the reason told, if it takes that at least.
Task<std::string> give_up_on_slow_reader(std::shared_ptr<Connection> connection, const Batch* batch, Position from) {
  connection->core.metrics.slow_readers_closed.fetch_add(1, std::memory_order_relaxed);
  const Batch::Cut cut = batch->cut_after(connection->written());
  const Position resume = cut.last.value == 0 ? from : cut.last.next();
  connection->revive();
  connection->set_write_patience(connection->core.options.deadlines.close);
  const bool rest = co_await connection->write(cut.rest);
  if (!rest) co_return std::string();
  co_return make_close(close_code::kTryAgainLater, resume_reason("too slow", resume));
}

// The close frame that is due now, if one is.
std::string due_close(Connection& connection, const Talk& talk, FeedCursor& cursor) {
  if (talk.client_closed) return make_close(talk.client_code, {});
  if (talk.refuse_code != 0) return make_close(talk.refuse_code, talk.refuse_reason);
  if (cursor.is_finished()) return make_close(close_code::kNormal, resume_reason("that is all", cursor.from()));
  if (!cursor.still_authorised())
    return make_close(close_code::kPolicy, resume_reason("the key was revoked or has expired", cursor.from()));
  if (connection.is_stopping())
    return make_close(close_code::kServiceRestart, resume_reason("the server stops", cursor.from()));
  return {};
}

// Signs of life while there is nothing to send. False if the client is silent for too long.
Task<bool> keep_alive(std::shared_ptr<Connection> connection, const FollowRequest* request, FeedCursor* cursor,
                      Talk* talk) {
  const auto now = std::chrono::steady_clock::now();
  if (talk->unanswered && now - *talk->unanswered > connection->core.options.deadlines.silence) co_return false;
  if (!cursor->heartbeat_is_due()) co_return true;
  if (!talk->unanswered) talk->unanswered = now;
  std::string frames = make_frame(opcode::kPing, fmt::format("{}/{}", cursor->examined().value, cursor->head().value));
  if (request->marks) frames.append(make_frame(opcode::kText, progress(*cursor)));
  cursor->sent();
  co_return co_await connection->write(std::string_view(frames));
}

Task<bool> send_batch(std::shared_ptr<Connection> connection, const Batch* batch) {
  std::vector<net::const_buffer> buffers;
  buffers.reserve(batch->pieces.size());
  for (const auto piece : batch->pieces) buffers.emplace_back(piece.data(), piece.size());
  const bool sent = co_await connection->write(std::move(buffers));
  if (!sent) co_return false;
  connection->core.metrics.delivered_events.fetch_add(batch->events, std::memory_order_relaxed);
  connection->core.metrics.delivered_bytes.fetch_add(batch->bytes, std::memory_order_relaxed);
  co_return true;
}

// Sends events until the socket is to be closed; the close frame, or nothing if the client is gone.
Task<std::string> send_events(std::shared_ptr<Connection> connection, const FollowRequest* request, FeedCursor* cursor,
                              Talk* talk) {
  bool look = true;
  while (!connection->is_closed() && !talk->gone) {
    const std::string close = due_close(*connection, *talk, *cursor);
    if (!close.empty()) co_return close;
    if (!talk->pong.empty()) {
      const std::string pong = std::exchange(talk->pong, {});
      const bool sent = co_await connection->write(std::string_view(pong));
      if (!sent) co_return std::string();
    }
    const Batch batch = look ? cursor->next() : Batch{};
    if (!batch.failure.empty()) {
      connection->core.log.error(batch.failure, {});
      co_return make_close(close_code::kInternalError, resume_reason(damage_at(cursor->from()), cursor->from()));
    }
    if (batch.bytes > 0) {
      const bool sent = co_await send_batch(connection, &batch);
      if (!sent && connection->has_expired())
        co_return co_await give_up_on_slow_reader(connection, &batch, cursor->from());
      if (!sent) co_return std::string();
      cursor->sent();
    }
    if (batch.examined.value != 0) {
      cursor->advance(batch);
      continue;
    }
    const bool alive = co_await keep_alive(connection, request, cursor, talk);
    if (!alive) co_return std::string();
    connection->tick_at = cursor->next_look();
    co_await connection->wake.wait();
    look = cursor->take_call();
  }
  co_return std::string();
}

}  // namespace

Task<void> follow_over_websocket(std::shared_ptr<Connection> connection, FollowRequest request) {
  const Subscribed subscribed(connection->core.metrics.websocket_subscribers);
  const bool began = co_await connection->write(request.head + request.snapshot);
  if (!began) co_return;
  const auto talk = std::make_shared<Talk>();
  FeedCursor cursor(*connection, request);
  net::co_spawn(connection->loop.executor(), listen(connection, talk), net::detached);
  const std::string close = co_await send_events(connection, &request, &cursor, talk.get());
  if (close.empty() || connection->is_closed()) co_return;
  connection->set_write_patience(connection->core.options.deadlines.close);
  const bool told = co_await connection->write(std::string_view(close));
  if (!told) co_return;
  // The closing handshake: the client answers and goes, or is left after a while.
  connection->tick_at = std::chrono::steady_clock::now() + connection->core.options.deadlines.close;
  while (!talk->client_closed && !talk->gone && connection->tick_at) co_await connection->wake.wait();
}

}  // namespace flowstone::api
