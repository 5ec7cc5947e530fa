#include "api/request.hpp"

#include <optional>

#include <boost/asio/buffer.hpp>

namespace flowstone::api {
namespace {

constexpr std::size_t kKeptBytes = 4096;

std::string_view view_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  for (std::size_t at = 0; at < left.size(); ++at) {
    const char c = left[at];
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (lower != right[at]) return false;
  }
  return true;
}

bool is_form(std::string_view content_type) {
  const auto end = content_type.find_first_of("; \t");
  return equals_ignoring_case(content_type.substr(0, end), "multipart/form-data");
}

// Fields that Beast has no name for.
std::optional<Header> unregistered(std::string_view name) {
  if (equals_ignoring_case(name, "idempotency-key")) return Header::idempotency_key;
  if (equals_ignoring_case(name, "x-request-id")) return Header::request_id;
  if (equals_ignoring_case(name, "traceparent")) return Header::traceparent;
  if (equals_ignoring_case(name, "last-event-id")) return Header::last_event_id;
  if (equals_ignoring_case(name, "webhook-id")) return Header::webhook_id;
  if (equals_ignoring_case(name, "webhook-timestamp")) return Header::webhook_timestamp;
  if (equals_ignoring_case(name, "webhook-signature")) return Header::webhook_signature;
  if (equals_ignoring_case(name, "x-github-event")) return Header::github_event;
  if (equals_ignoring_case(name, "x-hub-signature-256")) return Header::github_signature;
  return std::nullopt;
}

std::optional<Header> known(http::field field, std::string_view name) {
  using enum http::field;
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wswitch-enum"  // of 350 registered fields, these
  switch (field) {
    case accept:
      return Header::accept;
    case authorization:
      return Header::authorization;
    case connection:
      return Header::connection;
    case content_type:
      return Header::content_type;
    case expect:
      return Header::expect;
    case host:
      return Header::host;
    case if_match:
      return Header::if_match;
    case if_none_match:
      return Header::if_none_match;
    case origin:
      return Header::origin;
    case prefer:
      return Header::prefer;
    case access_control_request_headers:
      return Header::request_headers;
    case access_control_request_method:
      return Header::request_method;
    case sec_websocket_key:
      return Header::sec_websocket_key;
    case sec_websocket_protocol:
      return Header::sec_websocket_protocol;
    case sec_websocket_version:
      return Header::sec_websocket_version;
    case upgrade:
      return Header::upgrade;
    case unknown:
      return unregistered(name);
    default:
      return std::nullopt;
  }
#pragma clang diagnostic pop
}

Method method_of(http::verb verb) {
  using enum http::verb;
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wswitch-enum"  // of 33 registered verbs, these
  switch (verb) {
    case get:
      return Method::get;
    case head:
      return Method::head;
    case post:
      return Method::post;
    case patch:
      return Method::patch;
    case put:
      return Method::put;
    case delete_:
      return Method::remove;
    case options:
      return Method::options;
    default:
      return Method::other;
  }
#pragma clang diagnostic pop
}

}  // namespace

std::string_view to_text(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::patch:
      return "PATCH";
    case Method::put:
      return "PUT";
    case Method::remove:
      return "DELETE";
    case Method::options:
      return "OPTIONS";
    case Method::other:
      return "OTHER";
  }
  return "OTHER";
}

std::string_view Request::header(Header name) const {
  const Span& span = spans_[static_cast<std::size_t>(name)];
  return std::string_view(text_).substr(span.offset, span.size);
}

void Request::add(Header name, std::string_view value) {
  Span& span = spans_[static_cast<std::size_t>(name)];
  const std::size_t offset = text_.size();
  if (span.given) {
    text_.append(std::string(header(name))).append(", ");
  }
  text_.append(value);
  span = {offset, text_.size() - offset, true};
}

void Request::clear() {
  method = Method::other;
  keep_alive = true;
  is_http_1_0 = false;
  streamed = false;
  body_bytes = 0;
  target.clear();
  body.clear();
  text_.clear();
  for (Span& span : spans_) span = {};
}

void Request::shrink() {
  if (target.capacity() > kKeptBytes) target = {};
  if (body.capacity() > kKeptBytes) body = {};
  if (text_.capacity() > kKeptBytes) text_ = {};
}

RequestParser::RequestParser(Request& request, const RequestLimits& limits)
    : request_(request), whole_limit_(limits.body_bytes), streamed_limit_(limits.streamed_bytes) {
  request_.clear();
  header_limit(limits.header_bytes);
  body_limit(boost::none);  // which one holds is known once the head is there
  eager(true);
}

RequestParser::Step RequestParser::feed(std::string_view bytes) {
  Step step;
  begun_ = begun_ || !bytes.empty();
  while (!is_done()) {
    Error error;
    const auto rest = bytes.substr(step.consumed);
    const std::size_t used = put(boost::asio::buffer(rest.data(), rest.size()), error);
    step.consumed += used;
    if (error == http::error::need_more || (!error && !is_done() && step.consumed == bytes.size())) {
      step.outcome = is_header_done() ? Outcome::head_complete : Outcome::need_more;
      return step;
    }
    if (error) {
      step.outcome = refused(error);
      return step;
    }
  }
  request_.keep_alive = keep_alive();
  step.outcome = Outcome::complete;
  return step;
}

RequestParser::Outcome RequestParser::refused(const Error& error) {
  if (error == http::error::header_limit) return Outcome::head_too_large;
  if (error == http::error::body_limit) return Outcome::body_too_large;
  if (reason_.empty()) reason_ = error.message();
  return Outcome::malformed;
}

void RequestParser::on_request_impl(http::verb verb, Text, Text target, int version, Error&) {
  request_.method = method_of(verb);
  request_.target.assign(target.data(), target.size());
  request_.is_http_1_0 = version < 11;
}

void RequestParser::on_response_impl(int, Text, int, Error&) {}

void RequestParser::on_field_impl(http::field name, Text name_text, Text value, Error&) {
  if (const auto header = known(name, view_of(name_text))) request_.add(*header, view_of(value));
}

void RequestParser::on_header_impl(Error& error) {
  if (!request_.is_http_1_0 && !request_.has(Header::host)) {
    reason_ = "an HTTP/1.1 request must have a Host header";
    error = http::error::bad_field;
    return;
  }
  request_.streamed = request_.method == Method::post && is_form(request_.header(Header::content_type));
  const auto length = content_length();
  if (length && *length > (request_.streamed ? streamed_limit_ : whole_limit_)) error = http::error::body_limit;
}

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>& length, Error&) {
  // What is announced is not yet sent: memory for it is taken as it comes.
  if (length) request_.body.reserve(std::min<std::uint64_t>(*length, 64 << 10));
}

bool RequestParser::take_body(Text body) {
  request_.body_bytes += body.size();
  if (request_.body_bytes > (request_.streamed ? streamed_limit_ : whole_limit_)) return false;
  request_.body.append(body.data(), body.size());
  return true;
}

std::size_t RequestParser::on_body_impl(Text body, Error& error) {
  if (!take_body(body)) error = http::error::body_limit;
  return error ? 0 : body.size();
}

void RequestParser::on_chunk_header_impl(std::uint64_t, Text, Error&) {}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, Text body, Error& error) {
  if (!take_body(body)) error = http::error::body_limit;
  return error ? 0 : body.size();
}

void RequestParser::on_finish_impl(Error&) {}

}  // namespace flowstone::api
