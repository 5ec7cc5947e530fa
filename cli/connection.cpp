#include "cli/connection.hpp"

#include <optional>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <fmt/core.h>
#include <openssl/err.h>

namespace flowstone::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr std::uint64_t kAnswerBytes = 64 << 20;
constexpr std::size_t kPieceBytes = 64 << 10;

TransportError error_of(const Endpoint& endpoint, error_code error, TransportError::Kind kind) {
  if (error == beast::error::timeout) {
    return {TransportError::Kind::timeout, fmt::format("{} did not answer in time", endpoint.url())};
  }
  if (kind == TransportError::Kind::unreachable) {
    return {kind, fmt::format("cannot reach {}: {}", endpoint.url(), error.message())};
  }
  if (kind == TransportError::Kind::tls) {
    return {kind, fmt::format("no safe connection to {}: {}", endpoint.url(), error.message())};
  }
  return {kind, fmt::format("the connection to {} was cut: {}", endpoint.url(), error.message())};
}

template <class Fields>
void copy_headers(const Fields& from, HttpResponse& to) {
  for (const auto& field : from) to.headers.emplace_back(field.name_string(), field.value());
}

template <class Message>
void fill_head(const Endpoint& endpoint, const HttpRequest& request, Message& message) {
  message.method_string(request.method);
  message.target(endpoint.prefix + request.target);
  message.version(11);
  message.set(http::field::host, endpoint.authority());
  message.set(http::field::user_agent, "flowstone");
  for (const auto& [name, value] : request.headers) message.set(name, value);
}

http::request<http::string_body> message_of(const Endpoint& endpoint, const HttpRequest& request) {
  http::request<http::string_body> message;
  fill_head(endpoint, request, message);
  message.body() = request.body;
  if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD")) message.prepare_payload();
  return message;
}

}  // namespace

std::string_view HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (beast::iequals(key, name)) return value;
  }
  return {};
}

// Everything of one TCP connection. Beast keeps deadlines on asynchronous operations alone, so each operation is
// started and its io_context run until it is done.
struct Connection::Session {
  asio::io_context io{1};
  asio::ssl::context tls_context{asio::ssl::context::tls_client};
  std::optional<beast::ssl_stream<beast::tcp_stream>> tls;
  std::optional<beast::tcp_stream> plain;
  beast::flat_buffer buffer;

  beast::tcp_stream& lowest() { return tls ? tls->next_layer() : *plain; }

  template <class Start>
  error_code await(Start start) {
    error_code result = asio::error::operation_aborted;
    start([&result](error_code error, auto&&...) { result = error; });
    io.restart();
    io.run();
    return result;
  }
  template <class Use>
  void with_stream(Use use) {
    if (tls) {
      use(*tls);
    } else {
      use(*plain);
    }
  }

  error_code write(http::request<http::string_body>& message) {
    return await(
        [&](auto done) { with_stream([&](auto& stream) { http::async_write(stream, message, std::move(done)); }); });
  }
  error_code write_head(http::request<http::empty_body>& message) {
    http::request_serializer<http::empty_body> serializer(message);
    return await([&](auto done) {
      with_stream([&](auto& stream) { http::async_write_header(stream, serializer, std::move(done)); });
    });
  }
  error_code write_bytes(std::string_view bytes) {
    return await([&](auto done) {
      with_stream(
          [&](auto& stream) { asio::async_write(stream, asio::buffer(bytes.data(), bytes.size()), std::move(done)); });
    });
  }
  template <class Parser>
  error_code read_header(Parser& parser) {
    return await([&](auto done) {
      with_stream([&](auto& stream) { http::async_read_header(stream, buffer, parser, std::move(done)); });
    });
  }
  template <class Parser>
  error_code read_some(Parser& parser) {
    return await([&](auto done) {
      with_stream([&](auto& stream) { http::async_read_some(stream, buffer, parser, std::move(done)); });
    });
  }
  template <class Parser>
  error_code read_all(Parser& parser) {
    return await([&](auto done) {
      with_stream([&](auto& stream) { http::async_read(stream, buffer, parser, std::move(done)); });
    });
  }
};

Connection::Connection(Endpoint endpoint) : endpoint_(std::move(endpoint)) {}
Connection::~Connection() = default;

void Connection::close() { session_.reset(); }

Result<void, TransportError> Connection::connect(std::chrono::milliseconds timeout) {
  auto session = std::make_unique<Session>();
  asio::ip::tcp::resolver resolver(session->io);
  error_code error;
  const auto addresses = resolver.resolve(endpoint_.host, endpoint_.port, error);
  if (error) return failure(error_of(endpoint_, error, TransportError::Kind::unreachable));

  if (endpoint_.tls) {
    session->tls_context.set_default_verify_paths(error);
    session->tls_context.set_verify_mode(asio::ssl::verify_peer, error);
    session->tls.emplace(session->io, session->tls_context);
    session->tls->set_verify_callback(asio::ssl::host_name_verification(endpoint_.host), error);
    SSL_set_tlsext_host_name(session->tls->native_handle(), endpoint_.host.c_str());
  } else {
    session->plain.emplace(session->io);
  }
  session->lowest().expires_after(timeout);
  error = session->await([&](auto done) { session->lowest().async_connect(addresses, std::move(done)); });
  if (error) return failure(error_of(endpoint_, error, TransportError::Kind::unreachable));
  session->lowest().socket().set_option(asio::ip::tcp::no_delay(true), error);
  session->lowest().socket().set_option(asio::socket_base::keep_alive(true), error);
  if (session->tls) {
    error = session->await(
        [&](auto done) { session->tls->async_handshake(asio::ssl::stream_base::client, std::move(done)); });
    if (error) return failure(error_of(endpoint_, error, TransportError::Kind::tls));
  }
  session_ = std::move(session);
  return {};
}

Result<HttpResponse, TransportError> Connection::send(const HttpRequest& request, std::chrono::milliseconds timeout) {
  if (!session_) FLOWSTONE_TRY_VOID(connect(timeout));
  session_->lowest().expires_after(timeout);
  auto message = message_of(endpoint_, request);
  http::response_parser<http::string_body> parser;
  parser.body_limit(kAnswerBytes);
  if (request.method == "HEAD") parser.skip(true);
  auto error = session_->write(message);
  if (!error) error = session_->read_all(parser);
  if (error) {
    session_.reset();
    return failure(error_of(endpoint_, error, TransportError::Kind::cut));
  }
  HttpResponse response;
  response.status = parser.get().result_int();
  copy_headers(parser.get(), response);
  response.body = std::move(parser.get().body());
  if (!parser.get().keep_alive()) session_.reset();
  return response;
}

Result<HttpResponse, TransportError> Connection::stream(const HttpRequest& request, std::chrono::milliseconds idle,
                                                        const Take& take) {
  if (!session_) FLOWSTONE_TRY_VOID(connect(idle));
  const std::unique_ptr<Session> session = std::move(session_);  // never used for a second request
  session->lowest().expires_after(idle);
  auto message = message_of(endpoint_, request);
  http::response_parser<http::buffer_body> parser;
  parser.body_limit(boost::none);
  auto error = session->write(message);
  if (!error) error = session->read_header(parser);
  if (error) return failure(error_of(endpoint_, error, TransportError::Kind::cut));

  HttpResponse response;
  response.status = parser.get().result_int();
  copy_headers(parser.get(), response);
  const bool streaming = response.status / 100 == 2;
  std::string piece(kPieceBytes, '\0');
  while (!parser.is_done()) {
    parser.get().body().data = piece.data();
    parser.get().body().size = piece.size();
    session->lowest().expires_after(idle);
    error = session->read_some(parser);
    if (error && error != http::error::need_buffer) {
      return failure(error_of(endpoint_, error, TransportError::Kind::cut));
    }
    const std::string_view got(piece.data(), piece.size() - parser.get().body().size);
    if (!streaming) {
      response.body += got;
    } else if (!got.empty() && !take(got)) {
      break;
    }
  }
  return response;
}

Result<HttpResponse, TransportError> Connection::upload(const HttpRequest& request, std::uint64_t length,
                                                        std::chrono::milliseconds idle, const Give& give) {
  if (!session_) FLOWSTONE_TRY_VOID(connect(idle));
  const std::unique_ptr<Session> session = std::move(session_);  // never used for a second request
  http::request<http::empty_body> message;
  fill_head(endpoint_, request, message);
  message.content_length(length);
  message.set(http::field::expect, "100-continue");
  message.set(http::field::connection, "close");
  session->lowest().expires_after(idle);
  auto error = session->write_head(message);
  auto parser = std::make_unique<http::response_parser<http::string_body>>();
  if (!error) error = session->read_header(*parser);
  if (!error && parser->get().result() == http::status::continue_) {
    parser = std::make_unique<http::response_parser<http::string_body>>();
    for (std::uint64_t sent = 0; sent < length && !error;) {
      const auto piece = give();
      if (!piece) return failure(TransportError{TransportError::Kind::cut, "the upload was given up"});
      session->lowest().expires_after(idle);
      error = session->write_bytes(*piece);
      sent += piece->size();
    }
    // A server that refuses may close before it has read everything: what it said may be here all the same.
    session->lowest().expires_after(idle);
    const auto unsent = error;
    error = session->read_header(*parser);
    if (error && unsent) error = unsent;
  }
  parser->body_limit(kAnswerBytes);
  if (!error) error = session->read_all(*parser);
  if (error) return failure(error_of(endpoint_, error, TransportError::Kind::cut));
  HttpResponse response;
  response.status = parser->get().result_int();
  copy_headers(parser->get(), response);
  response.body = std::move(parser->get().body());
  return response;
}

}  // namespace flowstone::cli
