// Following the log over a connection: NDJSON, server-sent events or a WebSocket.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "api/connection.hpp"
#include "api/feed.hpp"
#include "api/principal.hpp"

namespace flowstone::api {

struct FollowRequest {
  std::string head;      // of the HTTP answer, with its empty line
  std::string snapshot;  // what comes before the first event, framed; empty: nothing
  std::shared_ptr<const Principal> principal;
  eventstore::Filter filter;
  Framing framing = Framing::ndjson;
  Position from{1};
  Position to{UINT64_MAX};            // the stream ends when everything up to here has been sent
  std::uint64_t events = UINT64_MAX;  // or so many
  bool chunked = true;                // HTTP/1.1's framing around NDJSON and server-sent events
  bool marks = true;                  // progress marks between events
};

Task<void> follow_over_http(std::shared_ptr<Connection> connection, FollowRequest request);
Task<void> follow_over_websocket(std::shared_ptr<Connection> connection, FollowRequest request);

// One reader's place in a feed.
// Threads: the connection's loop.
class FeedCursor {
 public:
  FeedCursor(Connection& connection, const FollowRequest& request);
  ~FeedCursor();
  FeedCursor(const FeedCursor&) = delete;
  FeedCursor& operator=(const FeedCursor&) = delete;

  Batch next();
  void advance(const Batch& batch);
  // True once after the feed has something new.
  bool take_call() { return waker_->take_call(); }
  [[nodiscard]] bool is_finished() const { return from_.value > to_.value || left_ == 0; }
  [[nodiscard]] Position from() const { return from_; }
  [[nodiscard]] Position examined() const { return {from_.value - 1}; }
  [[nodiscard]] Position head() const;
  // False once the key behind the stream was revoked or has expired.
  bool still_authorised();
  [[nodiscard]] bool heartbeat_is_due() const;
  void sent() { last_sent_ = std::chrono::steady_clock::now(); }
  // When the connection should look again although nothing came.
  [[nodiscard]] SteadyTime next_look() const;

 private:
  Connection& connection_;
  std::shared_ptr<Feed> feed_;
  std::shared_ptr<Waker> waker_;
  std::shared_ptr<const Principal> principal_;
  Position from_, to_;
  std::uint64_t left_;
  std::uint64_t generation_ = 0;
  SteadyTime last_sent_ = std::chrono::steady_clock::now();
};

// Counts a stream while it lives.
class Subscribed {
 public:
  explicit Subscribed(std::atomic<std::int64_t>& count) : count_(count) {
    count_.fetch_add(1, std::memory_order_relaxed);
  }
  ~Subscribed() { count_.fetch_sub(1, std::memory_order_relaxed); }
  Subscribed(const Subscribed&) = delete;
  Subscribed& operator=(const Subscribed&) = delete;

 private:
  std::atomic<std::int64_t>& count_;
};

}  // namespace flowstone::api
