#include "cli/client.hpp"

#include <algorithm>
#include <charconv>
#include <thread>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "base/identifier.hpp"
#include "base/time.hpp"

namespace flowstone::cli {
namespace {

namespace json = boost::json;

// Definitions of workflows nest deeper than what Boost takes by itself.
const json::parse_options kNesting = [] {
  json::parse_options options;
  options.max_depth = 600;
  return options;
}();

std::string text_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

bool may_send_again(const HttpRequest& request) {
  if (request.method == "GET" || request.method == "HEAD") return true;
  return std::ranges::any_of(request.headers, [](const auto& header) { return header.first == "Idempotency-Key"; });
}

bool is_passing(unsigned status) { return status == 429 || status == 502 || status == 503 || status == 504; }

std::chrono::milliseconds pause_before(int attempt, const HttpResponse* response) {
  if (response != nullptr) {
    const auto text = response->header("Retry-After");
    unsigned seconds = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (!text.empty() && parsed.ec == std::errc{}) return std::chrono::seconds(std::min(seconds, 5U));
  }
  return std::chrono::milliseconds(100 << std::min(attempt, 5));
}

}  // namespace

Refusal refusal_of(const HttpResponse& response) {
  Refusal refusal{.status = response.status, .code = {}, .sentence = {}};
  boost::system::error_code error;
  auto document = json::parse(response.body, error, {}, kNesting);
  if (error || !document.is_object()) {
    refusal.sentence = fmt::format("the server answered with status {}", response.status);
    return refusal;
  }
  const auto& object = document.get_object();
  refusal.code = text_at(object, "code");
  const auto* errors = object.if_contains("errors");
  const bool names_fields = errors != nullptr && errors->is_array() && !errors->get_array().empty();
  auto detail = text_at(object, names_fields ? "title" : "detail");
  if (detail.empty()) detail = text_at(object, "title");
  refusal.sentence = fmt::format("{} ({}{}{})", detail, response.status, refusal.code.empty() ? "" : " ", refusal.code);
  if (names_fields) {
    for (const auto& entry : errors->get_array()) {
      if (!entry.is_object()) continue;
      const auto field = text_at(entry.get_object(), "field");
      refusal.sentence +=
          fmt::format("\n  {}: {}", field.empty() ? "body" : field, text_at(entry.get_object(), "detail"));
    }
  }
  refusal.document = std::move(document);
  return refusal;
}

Result<Client, Refusal> Client::make(ClientOptions options) {
  auto endpoint = Endpoint::parse(options.url);
  if (!endpoint) return failure(Refusal{.status = 0, .code = "usage", .sentence = endpoint.error()});
  return Client(std::move(options), *std::move(endpoint));
}

Client::Client(ClientOptions options, Endpoint endpoint)
    : options_(std::move(options)), connection_(std::make_unique<Connection>(std::move(endpoint))) {}

void Client::add_common_headers(HttpRequest& request) const {
  if (!options_.key.empty()) request.headers.emplace_back("Authorization", "Bearer " + options_.key);
  if (!request.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  const auto is_accept = [](const auto& header) { return header.first == "Accept"; };
  if (std::ranges::none_of(request.headers, is_accept)) request.headers.emplace_back("Accept", "application/json");
}

Result<HttpResponse, Refusal> Client::send(HttpRequest request) {
  add_common_headers(request);
  return send_patiently(may_send_again(request) ? options_.attempts : 1,
                        [&] { return connection_->send(request, options_.timeout); });
}

Result<HttpResponse, Refusal> Client::send_patiently(
    int attempts, const std::function<Result<HttpResponse, TransportError>()>& send_once) {
  for (int attempt = 0;; ++attempt) {
    const bool last = attempt + 1 >= attempts;
    auto response = send_once();
    if (response && (last || !is_passing(response->status))) {
      if (response->status / 100 == 2) return *std::move(response);
      return failure(refusal_of(*response));
    }
    if (!response && (last || response.error().kind == TransportError::Kind::timeout)) {
      return failure(Refusal{.status = 0, .code = "unreachable", .sentence = response.error().detail});
    }
    std::this_thread::sleep_for(pause_before(attempt, response ? &*response : nullptr));
  }
}

Result<json::value, Refusal> Client::get(const std::string& target) { return command("GET", target, {}, {}); }

Result<json::value, Refusal> Client::post(const std::string& target, const json::value& body,
                                          std::string idempotency_key) {
  return command("POST", target, json::serialize(body), std::move(idempotency_key));
}

Result<json::value, Refusal> Client::command(std::string method, const std::string& target, std::string body,
                                             std::string idempotency_key) {
  HttpRequest request{.method = std::move(method), .target = target, .body = std::move(body), .headers = {}};
  if (request.method != "GET") {
    if (idempotency_key.empty()) idempotency_key = fresh_id();
    request.headers.emplace_back("Idempotency-Key", fmt::format("\"{}\"", idempotency_key));
  }
  return document_of(std::move(request));
}

Result<json::value, Refusal> Client::post_once(const std::string& target, std::string body) {
  return document_of({.method = "POST", .target = target, .body = std::move(body)});
}

Result<json::value, Refusal> Client::upload(const std::string& target, const Body& body) {
  HttpRequest request{.method = "POST", .target = target, .body = {}, .headers = {}};
  request.headers.emplace_back("Idempotency-Key", fmt::format("\"{}\"", fresh_id()));
  request.headers.emplace_back("Content-Type", body.content_type);
  add_common_headers(request);
  const auto response = send_patiently(options_.attempts, [&] {
    const auto give = body.begin();
    return connection_->upload(request, body.length, options_.timeout, give);
  });
  if (!response) return failure(response.error());
  return document_in(*response);
}

Result<json::value, Refusal> Client::document_of(HttpRequest request) {
  FLOWSTONE_TRY(const auto response, send(std::move(request)));
  return document_in(response);
}

Result<json::value, Refusal> Client::document_in(const HttpResponse& response) {
  if (response.body.empty()) return json::value(nullptr);
  boost::system::error_code error;
  auto document = json::parse(response.body, error, {}, kNesting);
  if (error) {
    return failure(Refusal{.status = response.status,
                           .code = "malformed_answer",
                           .sentence = "the server's answer is no JSON; is this a Flowstone server?"});
  }
  return document;
}

Result<void, Refusal> Client::lines(const std::string& target, std::chrono::milliseconds idle,
                                    const std::function<bool(std::string_view)>& line) {
  HttpRequest request{.method = "GET", .target = target, .body = {}, .headers = {{"Accept", "application/x-ndjson"}}};
  add_common_headers(request);
  std::string pending;
  const auto take = [&](std::string_view piece) {
    pending += piece;
    std::size_t start = 0;
    for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n', start)) {
      const std::string_view whole(pending.data() + start, end - start);
      start = end + 1;
      if (!whole.empty() && !line(whole)) return false;
    }
    pending.erase(0, start);
    return true;
  };
  const auto response = connection_->stream(request, idle, take);
  if (!response) {
    return failure(Refusal{.status = 0, .code = "unreachable", .sentence = response.error().detail});
  }
  if (response->status / 100 != 2) return failure(refusal_of(*response));
  return {};
}

std::string fresh_id() {
  static const SystemClock kClock;
  static UuidV7Source source(kClock);
  return source.fresh();
}

}  // namespace flowstone::cli
