#include "api/connection.hpp"

#include <algorithm>
#include <poll.h>

namespace flowstone::api {
namespace {

constexpr std::size_t kRestingBuffer = 2048;
constexpr std::size_t kLargestBuffer = 64 << 10;
constexpr std::size_t kMostLingering = 64 << 20;

}  // namespace

Connection::Connection(Core& shared, Loop& home, Socket socket, net::ssl::context* tls)
    : core(shared), loop(home), wire_(std::move(socket), tls), write_patience_(shared.options.deadlines.write) {
  error_code ignored;
  wire_.socket().set_option(net::ip::tcp::no_delay(true), ignored);
  loop.enlist(*this);
  core.metrics.connections.fetch_add(1, std::memory_order_relaxed);
}

Connection::~Connection() {
  loop.strike(*this);
  core.metrics.connections.fetch_sub(1, std::memory_order_release);
}

Task<bool> Connection::read_more() {
  if (closed_ || expired_) co_return false;
  if (begin_ == end_) begin_ = end_ = 0;
  if (end_ == buffer_.size()) {
    if (begin_ > 0) {
      std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
                buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
      end_ -= begin_;
      begin_ = 0;
    } else {
      buffer_.resize(std::min(std::max(kRestingBuffer, buffer_.size() * 2), kLargestBuffer));
    }
  }
  if (end_ == buffer_.size()) co_return false;
  error_code error;
  const net::mutable_buffer space(buffer_.data() + end_, buffer_.size() - end_);
  const std::size_t count = co_await wire_.async_read_some(net::mutable_buffers_1(space), into(error));
  end_ += count;
  if (error && !expired_) closed_ = true;
  co_return !error && !expired_;
}

Task<bool> Connection::write(std::string_view bytes) {
  written_ = 0;
  while (written_ < bytes.size()) {
    if (closed_ || expired_) co_return false;
    expire_in(write_patience_);
    error_code error;
    const auto rest = bytes.substr(written_);
    written_ += co_await wire_.async_write_some(net::const_buffers_1(rest.data(), rest.size()), into(error));
    never_expire();
    if (error && !expired_) closed_ = true;
    if (error) co_return false;
  }
  co_return true;
}

Task<bool> Connection::write(std::vector<net::const_buffer> buffers) {
  written_ = 0;
  std::size_t next = 0;
  while (next < buffers.size()) {
    if (closed_ || expired_) co_return false;
    expire_in(write_patience_);
    error_code error;
    const std::span<const net::const_buffer> rest = std::span(buffers).subspan(next);
    std::size_t count = co_await wire_.async_write_some(rest, into(error));
    never_expire();
    written_ += count;
    while (next < buffers.size() && count >= buffers[next].size()) count -= buffers[next++].size();
    if (next < buffers.size()) buffers[next] += count;
    if (error && !expired_) closed_ = true;
    if (error) co_return false;
  }
  co_return true;
}

Task<bool> Connection::handshake() {
  expire_in(core.options.deadlines.head);
  const error_code error = co_await wire_.handshake();
  never_expire();
  co_return !error && !expired_;
}

Task<void> Connection::linger() {
  if (closed_) co_return;
  revive();
  expire_in(core.options.deadlines.close);
  co_await wire_.finish_sending();
  std::size_t taken = 0;
  while (taken < kMostLingering) {
    begin_ = end_ = 0;
    const bool more = co_await read_more();
    if (!more) break;
    taken += end_;
  }
  never_expire();
}

void Connection::close() {
  closed_ = true;
  never_expire();
  wire_.close();
}

void Connection::rest() {
  if (begin_ == end_ && buffer_.size() > kRestingBuffer) {
    buffer_ = std::string(kRestingBuffer, '\0');
    begin_ = end_ = 0;
  }
}

std::string Connection::peer() {
  error_code error;
  const auto endpoint = wire_.socket().remote_endpoint(error);
  return error ? std::string() : endpoint.address().to_string(error);
}

bool Connection::has_peer_left() {
  pollfd look{.fd = wire_.socket().native_handle(), .events = POLLRDHUP, .revents = 0};
  return ::poll(&look, 1, 0) > 0 && (look.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

void Connection::sweep(SteadyTime now) {
  if (deadline_ && now >= *deadline_) {
    deadline_.reset();
    expired_ = true;
    core.metrics.timed_out.fetch_add(1, std::memory_order_relaxed);
    wire_.cancel();
  }
  if (tick_at && now >= *tick_at) {
    tick_at.reset();
    wake.set();
  }
}

void Connection::ask_to_stop(bool at_once) {
  stopping_ = true;
  if (at_once || (idle_ && begin_ == end_)) {
    closed_ = true;
    wire_.close();
  }
  wake.set();
}

}  // namespace flowstone::api
