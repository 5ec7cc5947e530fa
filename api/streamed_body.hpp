// A body that is read off the connection while its handler works on it: never more of it than one piece is here.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "api/connection.hpp"
#include "api/exchange.hpp"
#include "api/request.hpp"

namespace flowstone::api {

// Back-pressure: nothing is read before it is asked for, so that a client sends no faster than its bytes are stored.
// Limits: a client that takes longer than the deadline of a body for 64 KiB is too slow.
class StreamedBody final : public BodySource {
 public:
  // `unsent`: what waits to be written before the answer. Everything outlives it.
  StreamedBody(Connection& connection, Request& request, RequestParser& parser, std::string& unsent)
      : connection_(connection),
        request_(request),
        parser_(parser),
        unsent_(unsent),
        patience_(connection.core.options.deadlines.body) {}

  Task<Result<std::optional<std::string_view>, Problem>> next() override;

 private:
  // Nothing if bytes came.
  Task<std::optional<Problem>> wait();
  Problem ended();

  Connection& connection_;
  Request& request_;
  RequestParser& parser_;
  std::string& unsent_;
  std::string piece_;
  bool asked_ = false;
  std::chrono::steady_clock::duration patience_;  // that is left for the bytes under way
  std::uint64_t rewarded_ = 0;                    // bytes that earned new patience
};

}  // namespace flowstone::api
