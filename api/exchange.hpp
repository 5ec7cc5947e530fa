// One request and the answer to it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/core.hpp"
#include "api/loop.hpp"
#include "api/net.hpp"
#include "api/principal.hpp"
#include "api/problem.hpp"
#include "api/request.hpp"
#include "api/router.hpp"
#include "api/url.hpp"
#include "base/result.hpp"

namespace flowstone::api {

class Connection;

// The body of a streamed request, as it comes.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // The next piece, valid until the call after it; nothing at the end. The problem is one to refuse with.
  virtual Task<Result<std::optional<std::string_view>, Problem>> next() = 0;
};

struct Reply {
  std::uint16_t status = 200;
  std::string_view content_type = "application/json";
  std::string headers;  // further lines, each with its CRLF
  std::string body;
  bool close = false;  // the connection ends after it

  void add(std::string_view name, std::string_view value) {
    headers.append(name).append(": ").append(value).append("\r\n");
  }
};

// Takes the connection over after the answer's place: a stream, or a WebSocket.
using TakeOver = std::move_only_function<Task<void>(std::shared_ptr<Connection>)>;

// Lifetime: lives in the connection's coroutine while the request is carried out.
class Exchange {
 public:
  Exchange(Core& core, Loop& loop, const Request& request)
      : core(core), loop(loop), request(request), began(std::chrono::steady_clock::now()) {}

  Core& core;
  Loop& loop;
  const Request& request;
  const SteadyTime began;
  Match match;
  std::string_view path;  // encoded, without the query
  QueryParameters query;
  std::shared_ptr<const Principal> principal;  // null on public routes
  bool by_ticket = false;
  std::string request_id;
  std::string traceparent;  // of this request's own span; empty if the client traces nothing
  Reply reply;
  TakeOver take_over;
  BodySource* body = nullptr;  // of a streamed request
  // Of the request, for those who let it wait; null where it could not be read.
  Connection* connection = nullptr;

  [[nodiscard]] const Services& services() const { return core.services; }
  [[nodiscard]] const schemas::Call& call() const { return *match.route->call; }
  // A parameter of the path; it exists in the route's pattern.
  [[nodiscard]] std::string_view parameter(std::string_view name) const;

  // The answer is this problem.
  void refuse(const Problem& problem);
  // False, and refused, if the query has a parameter that nobody took.
  bool all_parameters_known();
  // Runs `work` where it may block.
  template <class Work>
  Task<std::invoke_result_t<Work>> blocking(Work work) {
    return api::blocking(&loop, &core.services.blocking, std::move(work));
  }
};

// Finds the route, checks who asks and how, and lets the route's handler answer.
Task<void> dispatch(Exchange* exchange);

// The answer's first line and headers.
void append_head(const Exchange& exchange, std::string& out);
// The headers that every answer has: who, when, and what a browser may do with it.
void append_common_headers(const Exchange& exchange, std::string& out);

}  // namespace flowstone::api
