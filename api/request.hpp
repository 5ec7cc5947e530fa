// One HTTP/1.1 request as it comes off the wire, and the parser that fills it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/beast/http/basic_parser.hpp>

namespace flowstone::api {

namespace http = boost::beast::http;

enum class Method : std::uint8_t { get, head, post, patch, put, remove, options, other };

std::string_view to_text(Method method);

// The header fields that the server understands; others are passed over.
enum class Header : std::uint8_t {
  accept,
  authorization,
  connection,
  content_type,
  expect,
  host,
  idempotency_key,
  if_match,
  if_none_match,
  last_event_id,
  origin,
  prefer,
  request_headers,  // Access-Control-Request-Headers
  request_method,   // Access-Control-Request-Method
  request_id,
  sec_websocket_key,
  sec_websocket_protocol,
  sec_websocket_version,
  traceparent,
  upgrade,
  webhook_id,
  webhook_timestamp,
  webhook_signature,
  github_event,      // X-GitHub-Event
  github_signature,  // X-Hub-Signature-256
  count,
};

// Lifetime: views point into the request and die with `clear`.
// Cost: a request that is used again for the next one keeps its memory.
class Request {
 public:
  Method method = Method::other;
  bool keep_alive = true;
  bool is_http_1_0 = false;
  std::string target;
  std::string body;  // of a streamed one: the piece that was read last
  // A form that may be far larger than memory (multipart/form-data): its handler takes the body piece by piece.
  bool streamed = false;
  std::uint64_t body_bytes = 0;  // read so far, whether still here or not

  // The field's value; several fields of one name are joined by ", " as RFC 9110 says. Empty if absent.
  [[nodiscard]] std::string_view header(Header name) const;
  [[nodiscard]] bool has(Header name) const { return spans_[static_cast<std::size_t>(name)].given; }
  void clear();
  // Gives back memory that a large request took.
  void shrink();

 private:
  friend class RequestParser;
  struct Span {
    std::size_t offset = 0, size = 0;
    bool given = false;
  };
  void add(Header name, std::string_view value);

  Span spans_[static_cast<std::size_t>(Header::count)];
  std::string text_;
};

struct RequestLimits {
  std::uint32_t header_bytes = 16 << 10;
  std::uint64_t body_bytes = 8 << 20;
  std::uint64_t streamed_bytes =
      (std::uint64_t{2} << 30) + (std::uint64_t{64} << 20);  // files, and what is around them
};

// Feeds on bytes as they come; one parser a request.
class RequestParser final : private http::basic_parser<true> {
 public:
  enum class Outcome : std::uint8_t {
    need_more,
    head_complete,  // the head is there, the body is not yet
    complete,
    malformed,
    head_too_large,
    body_too_large,
  };

  RequestParser(Request& request, const RequestLimits& limits);

  struct Step {
    Outcome outcome = Outcome::need_more;
    std::size_t consumed = 0;
  };
  // `bytes` is everything that is unread; what is not consumed is to be given again with more behind it.
  Step feed(std::string_view bytes);
  // True once the first byte of the head was seen.
  [[nodiscard]] bool has_begun() const { return begun_; }
  [[nodiscard]] bool has_head() const { return is_header_done(); }
  [[nodiscard]] bool is_complete() const { return is_done(); }
  // What is wrong with a malformed request, for the person who wrote it.
  [[nodiscard]] std::string reason() const { return reason_; }

 private:
  using Error = boost::beast::error_code;
  using Text = boost::beast::string_view;

  void on_request_impl(http::verb verb, Text verb_text, Text target, int version, Error& error) override;
  void on_response_impl(int code, Text reason, int version, Error& error) override;
  void on_field_impl(http::field name, Text name_text, Text value, Error& error) override;
  void on_header_impl(Error& error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, Error& error) override;
  std::size_t on_body_impl(Text body, Error& error) override;
  void on_chunk_header_impl(std::uint64_t size, Text extensions, Error& error) override;
  std::size_t on_chunk_body_impl(std::uint64_t remaining, Text body, Error& error) override;
  void on_finish_impl(Error& error) override;
  // False if the body is longer than it may be with so many bytes more.
  bool take_body(Text body);
  Outcome refused(const Error& error);

  Request& request_;
  const std::uint64_t whole_limit_, streamed_limit_;
  bool begun_ = false;
  std::string reason_;
};

}  // namespace flowstone::api
