// The bytes of one connection, with or without TLS, as one type: sessions are compiled once.
#pragma once

#include <memory>
#include <utility>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "api/net.hpp"

namespace flowstone::api {

// An Asio AsyncReadStream and AsyncWriteStream. Not thread-safe.
class Wire {
 public:
  using executor_type = LoopExecutor;
  using Tls = net::ssl::stream<Socket&>;

  Wire(Socket socket, net::ssl::context* tls) : socket_(std::move(socket)) {
    if (tls != nullptr) tls_ = std::make_unique<Tls>(socket_, *tls);
  }

  [[nodiscard]] executor_type get_executor() { return socket_.get_executor(); }
  [[nodiscard]] bool is_secure() const { return tls_ != nullptr; }
  [[nodiscard]] Socket& socket() { return socket_; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return net::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, const Buffers& into_buffers) {
          if (tls_) {
            tls_->async_read_some(into_buffers, std::move(handler));
          } else {
            socket_.async_read_some(into_buffers, std::move(handler));
          }
        },
        token, buffers);
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return net::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, const Buffers& from_buffers) {
          if (tls_) {
            tls_->async_write_some(from_buffers, std::move(handler));
          } else {
            socket_.async_write_some(from_buffers, std::move(handler));
          }
        },
        token, buffers);
  }

  Task<error_code> handshake() {
    error_code error;
    if (tls_) co_await tls_->async_handshake(net::ssl::stream_base::server, into(error));
    co_return error;
  }

  // Tells the peer that nothing more will come.
  Task<void> finish_sending() {
    error_code error;
    if (tls_) co_await tls_->async_shutdown(into(error));
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }

  // Ends whatever is under way with `operation_aborted`.
  void cancel() {
    error_code ignored;
    socket_.cancel(ignored);
  }
  void close() {
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  Socket socket_;
  std::unique_ptr<Tls> tls_;
};

}  // namespace flowstone::api
