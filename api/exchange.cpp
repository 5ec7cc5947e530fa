#include "api/exchange.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.hpp"

namespace flowstone::api {
namespace {

constexpr int kRetryAfterSeconds = 30;  // for a 503 that knows no better

}  // namespace

std::string_view Exchange::parameter(std::string_view name) const {
  const auto found = std::ranges::find(match.parameters, name, &PathParameter::name);
  check(found != match.parameters.end(), "a handler asks for a path parameter that its route does not have");
  return found->value;
}

void Exchange::refuse(const Problem& problem) {
  const ProblemShape shape = shape_of(problem.kind);
  if (!problem.cause.empty()) core.log.error(problem.cause, request_id);
  reply.status = shape.status;
  reply.content_type = "application/problem+json";
  reply.body.clear();
  append_json(problem, path, request_id, reply.body);
  if (problem.retry_after_seconds || shape.status == 503)
    reply.add("Retry-After", std::to_string(problem.retry_after_seconds.value_or(kRetryAfterSeconds)));
  if (problem.kind == ProblemKind::unauthenticated) reply.add("WWW-Authenticate", "Bearer realm=\"flowstone\"");
}

bool Exchange::all_parameters_known() {
  const auto unknown = query.unknown();
  if (!unknown) return true;
  Problem problem{ProblemKind::unknown_parameter};
  problem.errors.push_back({std::string(*unknown), "is not a parameter of this call"});
  refuse(problem);
  return false;
}

void append_common_headers(const Exchange& exchange, std::string& out) {
  out.append("Date: ").append(exchange.loop.date()).append("\r\n");
  if (!exchange.request_id.empty()) out.append("X-Request-ID: ").append(exchange.request_id).append("\r\n");
  if (!exchange.traceparent.empty()) out.append("traceparent: ").append(exchange.traceparent).append("\r\n");
  out.append("X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n");
  const auto& origins = exchange.core.options.allowed_origins;
  if (origins.empty()) return;
  const std::string_view origin = exchange.request.header(Header::origin);
  if (origin.empty()) return;
  const bool any = std::ranges::find(origins, "*") != origins.end();
  if (!any && std::ranges::find(origins, origin) == origins.end()) return;
  out.append("Access-Control-Allow-Origin: ").append(any ? "*" : origin).append("\r\nVary: Origin\r\n");
  out.append(
      "Access-Control-Expose-Headers: ETag, Location, Flowstone-Position, Idempotent-Replayed, X-Request-ID, "
      "traceparent, Retry-After\r\n");
}

void append_head(const Exchange& exchange, std::string& out) {
  const Reply& reply = exchange.reply;
  const bool bodiless = reply.status == 204 || reply.status == 304;
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", reply.status, reason_phrase(reply.status));
  append_common_headers(exchange, out);
  if (!bodiless) {
    out.append("Content-Type: ").append(reply.content_type);
    fmt::format_to(std::back_inserter(out), "\r\nContent-Length: {}\r\n", reply.body.size());
  }
  if (reply.headers.find("Cache-Control:") == std::string::npos) out.append("Cache-Control: private, no-cache\r\n");
  if (reply.headers.find("Content-Security-Policy:") == std::string::npos) {
    out.append("Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n");
  }
  out.append(reply.headers);
  const bool close = reply.close || !exchange.request.keep_alive;
  if (close) {
    out.append("Connection: close\r\n");
  } else if (exchange.request.is_http_1_0) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
}

}  // namespace flowstone::api
