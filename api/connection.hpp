// One client's connection: bytes in, bytes out, and the deadlines for both.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/buffer.hpp>

#include "api/core.hpp"
#include "api/loop.hpp"
#include "api/net.hpp"
#include "api/wire.hpp"

namespace flowstone::api {

// Threads: its loop's alone.
// Cost: an idle connection holds about 2 KiB of buffer.
class Connection : public Resident, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Core& core, Loop& loop, Socket socket, net::ssl::context* tls);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Core& core;
  Loop& loop;

  // --- bytes ---
  [[nodiscard]] std::string_view unread() const { return std::string_view(buffer_).substr(begin_, end_ - begin_); }
  void consume(std::size_t count) { begin_ += count; }
  // Waits for more bytes; false at the end, on an error or when the deadline passed.
  Task<bool> read_more();
  // Writes everything; false if it could not in time. The deadline starts anew whenever the client takes some.
  Task<bool> write(std::string_view bytes);
  Task<bool> write(std::vector<net::const_buffer> buffers);
  // How many bytes of the last `write` the client took.
  [[nodiscard]] std::size_t written() const { return written_; }
  Task<bool> handshake();
  // Says that nothing more will come, and takes what the client still sends for a while, so that it can read the
  // answer.
  Task<void> linger();
  void close();
  // Returns the memory that a large request took.
  void rest();

  // --- time ---
  void expire_in(std::chrono::milliseconds time) { deadline_ = std::chrono::steady_clock::now() + time; }
  void never_expire() { deadline_.reset(); }
  [[nodiscard]] bool has_expired() const { return expired_; }
  // Takes the expiry away, for last words.
  void revive() { expired_ = false; }
  // Set by `ask_to_stop`, by the first sweep after `tick_at`, and by whoever has something for the connection's
  // coroutine.
  Signal wake;
  std::optional<SteadyTime> tick_at;
  // How long a write may take without the client taking a byte.
  void set_write_patience(std::chrono::milliseconds patience) { write_patience_ = patience; }

  // --- the end ---
  [[nodiscard]] bool is_stopping() const { return stopping_; }
  [[nodiscard]] bool is_closed() const { return closed_; }
  // While waiting for the next request there is nothing to finish: a stop closes at once.
  void set_idle(bool idle) { idle_ = idle; }

  [[nodiscard]] std::string peer();
  // True once the client has closed its end: nobody reads what is sent to it. Looks without reading.
  [[nodiscard]] bool has_peer_left();

  void sweep(SteadyTime now) override;
  void ask_to_stop(bool at_once) override;

 private:
  Wire wire_;
  std::string buffer_;
  std::size_t begin_ = 0, end_ = 0, written_ = 0;
  std::optional<SteadyTime> deadline_;
  std::chrono::milliseconds write_patience_;
  bool expired_ = false, stopping_ = false, closed_ = false, idle_ = false;
};

// Serves the connection's requests, one after the other, until it ends.
Task<void> serve(std::shared_ptr<Connection> connection);

}  // namespace flowstone::api
