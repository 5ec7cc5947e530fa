// Asks somebody's server what a person wrote down: any method, headers and body, within the same guard as the fetcher's
// (outside/fetcher.hpp).
//
// GET and HEAD follow redirects, each judged like the first URL. To another origin (scheme, host and port) none of the
// headers go along: they may be secrets. Other methods get the redirect as their answer.
//
// Threads: any. Blocking, until the deadline at most.
#pragma once

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>

#include "outside/fetch_error.hpp"
#include "outside/request.hpp"
#include "outside/way_out.hpp"

namespace flowstone::outside {

struct RequesterOptions {
  WayOutOptions way_out{};
  std::size_t header_bytes = 64 << 10;
  std::size_t redirects = 5;
};

struct RequestLimits {
  std::chrono::milliseconds time{30'000};  // in all, its redirects included
  std::size_t bytes = 256 << 10;           // of a body
};

class Requester {
 public:
  explicit Requester(RequesterOptions options = {});

  // Whatever the status. `request.any_status` is set. A method or header that may not be sent is a bad URL's equal:
  // `bad_url`.
  Result<Answer, FetchError> ask(const std::string& url, Request request, const RequestLimits& limits,
                                 const std::stop_token& stop);

 private:
  const RequesterOptions options_;
  WayOut way_out_;
};

}  // namespace flowstone::outside
