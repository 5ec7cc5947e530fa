// The way to other people's servers, guarded: hosts are looked up, their addresses judged (outside/address.hpp), and
// the connection is made to the very address that was judged: a name that changes its address in between gains nothing.
//
// Threads: any; every member blocks until its deadline at most.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "outside/exchange.hpp"

namespace flowstone::outside {

using Addresses = std::vector<boost::asio::ip::address>;

struct WayOutOptions {
  // Hosts ("intranet.example", or "127.0.0.1:8080" for one port) that may be spoken to wherever they are.
  std::vector<std::string> allowed_hosts{};
  std::string authorities{};  // PEM file of further certificate authorities
  std::size_t lookups = 1;    // names looked for at one time: one that is not found soon keeps others waiting
  // In place of the system's: for tests. Blocking.
  std::function<Addresses(const std::string& host)> look_up{};
};

class WayOut {
 public:
  explicit WayOut(WayOutOptions options = {});
  ~WayOut();
  WayOut(const WayOut&) = delete;
  WayOut& operator=(const WayOut&) = delete;

  // One hop: redirects are answers. Of a host with several addresses the first that can be reached is asked.
  Result<Answer, FetchError> ask(const WebAddress& url, const Request& request, const ExchangeLimits& limits,
                                 const std::stop_token& stop);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// 301, 302, 303, 307, 308
bool is_redirect(unsigned status);
// Where the answer from `url` leads: to http or https, and from https only to https.
Result<WebAddress, FetchError> redirected(const WebAddress& url, std::string_view location);
FetchError stopped();

}  // namespace flowstone::outside
