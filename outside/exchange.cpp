#include "outside/exchange.hpp"

#include <functional>
#include <optional>
#include <vector>

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

constexpr int kMostInterim = 8;                        // answers of the 100s
constexpr std::size_t kPiece = std::size_t{16} << 10;  // of a body, read at one time

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

  Result<Answer, FetchError> ask(const Request& asked) {
    const auto unsent = send(asked);
    if (unsent && asked.body.empty()) return failure(*unsent);
    // Who does not want the whole body may have said so before it hung up.
    if (const auto head = read_head(asked); !head) return failure(unsent ? *unsent : head.error());
    Answer answer;
    answer.status = parser_->get().result_int();
    answer.reason = std::string(parser_->get().reason());
    for (const auto& field : parser_->get())
      answer.headers.push_back({std::string(field.name_string()), std::string(field.value())});
    if (!asked.any_status && answer.status != 200) return answer;
    FLOWSTONE_TRY(answer.body, read_body(asked.any_status && answer.status >= 400));
    const auto encoding = answer.header("Content-Encoding");
    if (!answer.body.empty() && !encoding.empty() && !same_name(encoding, "identity"))
      return failure(FetchError{Code::bad_answer, fmt::format("{} answers compressed, unasked.", url_.text())});
    return answer;
  }

 private:
  std::optional<FetchError> send(const Request& asked) {
    http::request<http::string_body> request;
    request.version(11);
    request.method_string(asked.method);
    request.target(url_.target);
    request.set(http::field::user_agent, "flowstone");
    request.set(http::field::accept, "*/*");
    for (const auto& [name, value] : asked.headers) request.set(name, value);
    request.set(http::field::host, url_.authority());
    request.set(http::field::accept_encoding, "identity");
    request.set(http::field::connection, "close");
    request.body() = asked.body;
    request.prepare_payload();
    const auto error = await(
        [&](auto done) { with_stream([&](auto& stream) { http::async_write(stream, request, std::move(done)); }); });
    if (!error) return std::nullopt;
    return broken(Code::bad_answer, "ended the connection", error);
  }

  // Up to the first answer that is one.
  Result<void, FetchError> read_head(const Request& asked) {
    for (int interim = 0; interim < kMostInterim; ++interim) {
      parser_.emplace();
      parser_->header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
      parser_->body_limit(boost::none);  // read_body counts
      parser_->skip(asked.method == "HEAD");
      const auto error = await([&](auto done) {
        with_stream([&](auto& stream) { http::async_read_header(stream, buffer_, *parser_, std::move(done)); });
      });
      if (error) return failure(unread(error));
      const auto status = parser_->get().result_int();
      if (status >= 200 || status == 101) return {};
    }
    return failure(FetchError{Code::bad_answer, fmt::format("{} does not come to its answer.", url_.text())});
  }

  // `as_it_comes`: what there is of it, though it is too large or cut short.
  Result<Bytes, FetchError> read_body(bool as_it_comes) {
    const FetchError too_large{Code::too_large, fmt::format("{} is larger than {} bytes.", url_.text(), limits_.bytes)};
    if (parser_->is_done()) return Bytes();
    const auto claimed = parser_->content_length();
    if (!as_it_comes && claimed && *claimed > limits_.bytes) return failure(too_large);
    Bytes body;
    std::vector<char> piece(kPiece);
    while (!parser_->is_done()) {
      auto& space = parser_->get().body();
      space.data = piece.data();
      space.size = piece.size();
      const auto error = await([&](auto done) {
        with_stream([&](auto& stream) { http::async_read_some(stream, buffer_, *parser_, std::move(done)); });
      });
      body.append(piece.data(), piece.size() - space.size);
      if (error && error != http::error::need_buffer) {
        if (as_it_comes && !stop_.stop_requested()) break;
        return failure(unread(error));
      }
      if (body.size() <= limits_.bytes) continue;
      if (!as_it_comes) return failure(too_large);
      body.resize(limits_.bytes);
      break;
    }
    return body;
  }

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
  std::optional<http::response_parser<http::buffer_body>> parser_;
  std::stop_callback<std::function<void()>> wake_;  // last: gone before what it stops
};

}  // namespace

Result<Answer, FetchError> exchange(const WebAddress& url, const Request& request, const asio::ip::address& address,
                                    const ExchangeLimits& limits, asio::ssl::context& tls,
                                    const std::stop_token& stop) {
  Hop hop(url, limits, stop);
  FLOWSTONE_TRY_VOID(hop.connect(address, tls));
  return hop.ask(request);
}

}  // namespace flowstone::outside
