#include "api/streamed_body.hpp"

#include <utility>

namespace flowstone::api {
namespace {

constexpr std::uint64_t kRewarded = 64 << 10;

}  // namespace

Task<Result<std::optional<std::string_view>, Problem>> StreamedBody::next() {
  using Outcome = RequestParser::Outcome;
  for (;;) {
    if (!request_.body.empty()) {
      piece_.swap(request_.body);
      request_.body.clear();
      co_return std::optional<std::string_view>(piece_);
    }
    if (parser_.is_complete()) co_return std::optional<std::string_view>();
    if (connection_.unread().empty()) {
      const auto problem = co_await wait();
      if (problem) co_return failure(*problem);
    }
    const auto step = parser_.feed(connection_.unread());
    connection_.consume(step.consumed);
    if (step.outcome == Outcome::malformed)
      co_return failure(Problem{ProblemKind::malformed_request, parser_.reason()});
    if (step.outcome == Outcome::body_too_large) co_return failure(Problem{ProblemKind::content_too_large});
    if (step.consumed == 0 && !parser_.is_complete() && request_.body.empty()) {
      const auto problem = co_await wait();
      if (problem) co_return failure(*problem);
    }
  }
}

Task<std::optional<Problem>> StreamedBody::wait() {
  if (!std::exchange(asked_, true) && request_.has(Header::expect)) unsent_.append("HTTP/1.1 100 Continue\r\n\r\n");
  if (!unsent_.empty()) {
    const bool sent = co_await connection_.write(unsent_);
    unsent_.clear();
    if (!sent) co_return ended();
  }
  if (request_.body_bytes - rewarded_ >= kRewarded) {
    rewarded_ = request_.body_bytes;
    patience_ = connection_.core.options.deadlines.body;
  }
  const auto began = std::chrono::steady_clock::now();
  connection_.expire_in(std::chrono::ceil<std::chrono::milliseconds>(patience_));
  const bool more = co_await connection_.read_more();
  connection_.never_expire();
  patience_ -= std::min(patience_, std::chrono::steady_clock::now() - began);
  if (!more) co_return ended();
  co_return std::nullopt;
}

Problem StreamedBody::ended() {
  if (connection_.has_expired()) connection_.revive();
  return {ProblemKind::request_timeout};
}

}  // namespace flowstone::api
