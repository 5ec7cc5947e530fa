// What happens to a request between the wire and its handler.
#include <algorithm>

#include <fmt/format.h>

#include "api/exchange.hpp"
#include "api/header_values.hpp"
#include "base/bytes.hpp"
#include "base/digest.hpp"

namespace flowstone::api {
namespace {

constexpr std::size_t kLongestRequestId = 128;

bool is_request_id(std::string_view text) {
  if (text.empty() || text.size() > kLongestRequestId) return false;
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\' && c != ','; });
}

std::string fresh_span_id() {
  constexpr std::size_t kBlock = 4096;
  constexpr std::size_t kSpan = 8;
  thread_local Bytes block;
  thread_local std::size_t used = kBlock;
  if (used == kBlock) {
    block = random_bytes(kBlock);
    used = 0;
  }
  auto id = to_hex(BytesView(block).substr(used, kSpan));
  used += kSpan;
  return id;
}

void identify(Exchange& exchange) {
  const auto given = exchange.request.header(Header::request_id);
  exchange.request_id = is_request_id(given) ? std::string(given) : exchange.services().ids.fresh();
  const auto trace = exchange.request.header(Header::traceparent);
  if (trace.empty()) return;
  if (const auto parent = parse_traceparent(trace)) {
    exchange.traceparent = fmt::format("00-{}-{}-{}", parent->trace_id, fresh_span_id(), parent->flags);
  }
}

void answer_options(Exchange& exchange) {
  Reply& reply = exchange.reply;
  reply.status = 204;
  reply.add("Allow", exchange.match.allow);
  if (exchange.core.options.allowed_origins.empty() || !exchange.request.has(Header::request_method)) return;
  reply.add("Access-Control-Allow-Methods", exchange.match.allow);
  reply.add("Access-Control-Allow-Headers",
            "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Prefer, "
            "X-Request-ID, traceparent");
  reply.add("Access-Control-Max-Age", "600");
}

// True if the request may go on to its handler.
bool find_route(Exchange& exchange) {
  const auto target = split_target(exchange.request.target);
  if (!target) {
    if (exchange.request.method == Method::options && exchange.request.target == "*") {
      exchange.match.allow = "GET, HEAD, POST, PATCH, OPTIONS";
      answer_options(exchange);
    } else {
      exchange.refuse({ProblemKind::malformed_request, "The request target must begin with `/`."});
    }
    return false;
  }
  exchange.path = target->path;
  exchange.match = exchange.core.router.find(exchange.request.method, target->path);
  if (exchange.match.route == nullptr) {
    if (exchange.match.allow.empty()) {
      exchange.refuse({ProblemKind::not_found, "There is no such path."});
    } else if (exchange.request.method == Method::options) {
      answer_options(exchange);
    } else {
      exchange.refuse({ProblemKind::method_not_allowed});
      exchange.reply.add("Allow", exchange.match.allow);
    }
    return false;
  }
  auto query = QueryParameters::parse(target->query);
  if (!query) {
    exchange.refuse(query.error());
    return false;
  }
  exchange.query = *std::move(query);
  return true;
}

bool check_access(Exchange& exchange) {
  const schemas::Call* const call = exchange.match.route->call;
  if (call == nullptr || call->role == "public") return true;
  const auto ticket = exchange.request.has(Header::upgrade) ? exchange.query.take("ticket") : std::nullopt;
  if (ticket) {
    exchange.by_ticket = true;
    exchange.principal = exchange.core.tickets.redeem(*ticket);
    if (!exchange.principal || !exchange.core.authenticator.still_holds(*exchange.principal)) {
      exchange.refuse({ProblemKind::unauthenticated, "The ticket is unknown, used or older than 30 seconds."});
      return false;
    }
  } else if (!exchange.principal) {
    auto principal = exchange.core.authenticator.authenticate(exchange.request.header(Header::authorization));
    if (!principal) {
      exchange.refuse({ProblemKind::unauthenticated, std::string(sentence_of(principal.error()))});
      return false;
    }
    exchange.principal = *std::move(principal);
  }
  const auto least = role_named(call->role);
  if (!least || !exchange.principal->roles.allow(*least)) {
    exchange.refuse({ProblemKind::forbidden, fmt::format("This call needs a key with the role `{}`.", call->role)});
    return false;
  }
  return true;
}

bool takes_body(Method method) { return method == Method::post || method == Method::patch; }

bool check_media(Exchange& exchange) {
  const Request& request = exchange.request;
  const schemas::Call* const call = exchange.match.route->call;
  if (takes_body(request.method) && (request.streamed || !request.body.empty())) {
    const auto type = request.header(Header::content_type);
    const bool takes_form = call != nullptr && call->parameters == "form";
    const bool json = (request.streamed && takes_form) || is_media_type(type, "application/json") ||
                      (request.method == Method::patch && is_media_type(type, "application/merge-patch+json"));
    if (!json) {
      exchange.refuse({ProblemKind::unsupported_media_type});
      exchange.reply.add(request.method == Method::patch ? "Accept-Patch" : "Accept-Post",
                         request.method == Method::patch ? "application/json, application/merge-patch+json"
                         : takes_form                    ? "application/json, multipart/form-data"
                                                         : "application/json");
      return false;
    }
  }
  const auto accept = request.header(Header::accept);
  if (call != nullptr && !accept.empty() && call->media.empty() && call->content.empty()) {
    static const std::vector<std::string_view> kJson = {"application/json", "application/problem+json"};
    if (!choose_media(accept, kJson)) {
      exchange.refuse({ProblemKind::not_acceptable});
      return false;
    }
  }
  return true;
}

}  // namespace

Task<void> dispatch(Exchange* exchange) {
  identify(*exchange);
  if (!find_route(*exchange) || !check_access(*exchange) || !check_media(*exchange)) co_return;
  if (exchange->core.stopping.load(std::memory_order_relaxed)) exchange->reply.close = true;
  co_await exchange->match.route->handler(exchange);
}

}  // namespace flowstone::api
