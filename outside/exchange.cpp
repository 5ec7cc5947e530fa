#include "outside/exchange.hpp"

#include <functional>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>

namespace flowstone::outside {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using Code = FetchError::Code;

class Hop {
 public:
  Hop(const WebAddress& url, const ExchangeLimits& limits, const std::stop_token& stop)
      : url_(url), limits_(limits), stop_(stop), wake_(stop, [this] { io_.stop(); }) {}

  Result<void, FetchError> connect(const asio::ip::address& address, asio::ssl::context& context) {
    if (url_.secure) {
      tls_.emplace(io_, context);
      tls_->set_verify_mode(asio::ssl::verify_peer);
      tls_->set_verify_callback(asio::ssl::host_name_verification(url_.host));
      SSL_set_tlsext_host_name(tls_->native_handle(), url_.host.c_str());
    } else {
      plain_.emplace(io_);
    }
    const asio::ip::tcp::endpoint endpoint(address, url_.port);
    auto error = await([&](auto done) { lowest().async_connect(endpoint, std::move(done)); });
    if (error) return failure(broken(Code::unreachable, "cannot be reached", error));
    if (!tls_) return {};
    error = await([&](auto done) { tls_->async_handshake(asio::ssl::stream_base::client, std::move(done)); });
    if (error) return failure(broken(Code::unsafe, "has no certificate that can be trusted", error));
    return {};
  }

  Result<Answer, FetchError> get() {
    http::request<http::empty_body> request(http::verb::get, url_.target, 11);
    request.set(http::field::host, url_.authority());
    request.set(http::field::user_agent, "flowstone");
    request.set(http::field::accept, "*/*");
    request.set(http::field::accept_encoding, "identity");
    request.set(http::field::connection, "close");
    auto error = await(
        [&](auto done) { with_stream([&](auto& stream) { http::async_write(stream, request, std::move(done)); }); });
    if (error) return failure(broken(Code::bad_answer, "ended the connection", error));
    http::response_parser<http::string_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
    parser.body_limit(limits_.bytes);
    error = await([&](auto done) {
      with_stream([&](auto& stream) { http::async_read_header(stream, buffer_, parser, std::move(done)); });
    });
    if (error) return failure(unread(error));
    // Of any other answer the body does not matter.
    if (parser.get().result_int() == 200) {
      error = await([&](auto done) {
        with_stream([&](auto& stream) { http::async_read(stream, buffer_, parser, std::move(done)); });
      });
      if (error) return failure(unread(error));
      const auto encoding = parser.get()[http::field::content_encoding];
      if (!encoding.empty() && !beast::iequals(encoding, "identity"))
        return failure(FetchError{Code::bad_answer, fmt::format("{} answers compressed, unasked.", url_.text())});
    }
    Answer answer;
    answer.status = parser.get().result_int();
    answer.media_type = parser.get()[http::field::content_type];
    answer.location = parser.get()[http::field::location];
    answer.body = std::move(parser.get().body());
    return answer;
  }

 private:
  beast::tcp_stream& lowest() { return tls_ ? tls_->next_layer() : *plain_; }

  template <class Use>
  void with_stream(Use use) {
    if (tls_) {
      use(*tls_);
    } else {
      use(*plain_);
    }
  }

  // Starts an operation and waits for its end, at most until the deadline. Beast's own deadlines count for each
  // operation anew.
  template <class Start>
  error_code await(Start start) {
    std::optional<error_code> result;
    lowest().expires_at(limits_.until);
    start([&result](error_code error, auto&&...) { result = error; });
    io_.restart();
    if (!stop_.stop_requested()) io_.run();
    if (result) return *result;
    lowest().close();
    io_.restart();
    io_.run();  // what was under way refers to this call's own values
    return asio::error::operation_aborted;
  }

  [[nodiscard]] FetchError broken(Code code, std::string_view what, error_code error) const {
    if (stop_.stop_requested()) return {Code::stopped, "The server is stopping."};
    if (error == beast::error::timeout) return {Code::too_slow, fmt::format("{} did not answer in time.", url_.text())};
    return {code, fmt::format("{} {}: {}.", url_.text(), what, error.message())};
  }

  [[nodiscard]] FetchError unread(error_code error) const {
    if (error == http::error::body_limit)
      return {Code::too_large, fmt::format("{} is larger than {} bytes.", url_.text(), limits_.bytes)};
    if (error == http::error::header_limit)
      return {Code::too_large, fmt::format("The headers of {} are too large.", url_.text())};
    return broken(Code::bad_answer, "does not answer as HTTP should", error);
  }

  const WebAddress& url_;
  const ExchangeLimits& limits_;
  const std::stop_token& stop_;
  asio::io_context io_{1};
  std::optional<beast::ssl_stream<beast::tcp_stream>> tls_;
  std::optional<beast::tcp_stream> plain_;
  beast::flat_buffer buffer_;
  std::stop_callback<std::function<void()>> wake_;  // last: gone before what it stops
};

}  // namespace

Result<Answer, FetchError> exchange(const WebAddress& url, const asio::ip::address& address,
                                    const ExchangeLimits& limits, asio::ssl::context& tls,
                                    const std::stop_token& stop) {
  Hop hop(url, limits, stop);
  FLOWSTONE_TRY_VOID(hop.connect(address, tls));
  return hop.get();
}

}  // namespace flowstone::outside
