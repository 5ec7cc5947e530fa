#include "outside/requester.hpp"

#include <utility>

#include <fmt/format.h>

namespace flowstone::outside {
namespace {

using Code = FetchError::Code;

Result<void, FetchError> check_sendable(const Request& request) {
  if (!is_known_method(request.method))
    return failure(FetchError{Code::bad_url, fmt::format("`{}` is no method that can be sent.", request.method)});
  if (!request.body.empty() && (request.method == "GET" || request.method == "HEAD"))
    return failure(FetchError{Code::bad_url, fmt::format("{} does not send a body.", request.method)});
  for (const auto& header : request.headers) {
    if (const auto why = why_not_sent(header))
      return failure(FetchError{Code::bad_url, fmt::format("`{}` {}.", header.name, *why)});
  }
  return {};
}

bool same_origin(const WebAddress& one, const WebAddress& other) {
  return one.secure == other.secure && one.host == other.host && one.port == other.port;
}

}  // namespace

Requester::Requester(RequesterOptions options) : options_(std::move(options)), way_out_(options_.way_out) {}

Result<Answer, FetchError> Requester::ask(const std::string& url, Request request, const RequestLimits& limits,
                                          const std::stop_token& stop) {
  FLOWSTONE_TRY_VOID(check_sendable(request));
  request.any_status = true;
  const ExchangeLimits each{.until = std::chrono::steady_clock::now() + limits.time,
                            .bytes = limits.bytes,
                            .header_bytes = options_.header_bytes};
  auto parsed = WebAddress::parse(url);
  if (!parsed) return failure(FetchError{Code::bad_url, fmt::format("The URL {}.", parsed.error())});
  WebAddress at = *std::move(parsed);
  const bool follows = request.method == "GET" || request.method == "HEAD";
  for (std::size_t hop = 0; hop <= options_.redirects; ++hop) {
    FLOWSTONE_TRY(auto answer, way_out_.ask(at, request, each, stop));
    if (!follows || !is_redirect(answer.status)) return answer;
    FLOWSTONE_TRY(auto next, redirected(at, answer.header("Location")));
    if (!same_origin(at, next)) request.headers.clear();
    at = std::move(next);
  }
  return failure(
      FetchError{Code::too_many_redirects, fmt::format("{} redirects more than {} times.", url, options_.redirects)});
}

}  // namespace flowstone::outside
