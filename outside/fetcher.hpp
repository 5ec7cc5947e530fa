// Gets what is at a URL, for people who say which URL: guarded, because they may say any.
//
// Only http and https. A host is looked up once for each hop, and the connection is made to the very address that was
// judged (outside/address.hpp): a name that changes its address in between gains nothing. Every redirect is judged like
// the first URL; from https none leads to http. TLS is verified with the system's authorities. Nothing is sent but a
// GET: no cookies, no credentials. Compressed answers are not asked for and not taken.
//
// Threads: `fetch` may be called from any thread; `done` runs on one of the fetcher's own, or on the caller's where the
// queue is full. The destructor ends what is under way: each `done` has run when it returns.
// Limits: FetcherOptions. How long a name may be looked for is part of a fetch's time; lookups are made one at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "outside/fetch_error.hpp"
#include "outside/way_out.hpp"

namespace flowstone::outside {

struct FetcherOptions {
  // Hosts ("intranet.example", or "127.0.0.1:8080" for one port) that may be spoken to wherever they are.
  std::vector<std::string> allowed_hosts{};
  std::chrono::milliseconds time{10'000};  // of a fetch, its redirects included
  std::size_t bytes = 8 << 20;             // of a body
  std::size_t header_bytes = 64 << 10;
  std::size_t redirects = 5;
  std::size_t threads = 4;
  std::size_t queue = 64;     // fetches that wait for a thread
  std::string authorities{};  // PEM file of further certificate authorities
  // In place of the system's: for tests. Blocking.
  std::function<Addresses(const std::string& host)> look_up{};
};

struct Fetched {
  std::string url;         // where the answer came from, after redirects
  std::string media_type;  // as its Content-Type says
  Bytes body;
};

using FetchResult = Result<Fetched, FetchError>;

class Fetcher {
 public:
  explicit Fetcher(FetcherOptions options = {});
  ~Fetcher();
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

  void fetch(std::string url, std::move_only_function<void(FetchResult)> done);
  // The same, blocking.
  FetchResult fetch(std::string url);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace flowstone::outside
