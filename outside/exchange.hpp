// One GET over one connection, to an address that was judged before.
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>

#include "outside/fetcher.hpp"
#include "outside/web_address.hpp"

namespace flowstone::outside {

struct Answer {
  unsigned status = 0;
  std::string media_type, location;
  Bytes body;  // of an answer with status 200
};

struct ExchangeLimits {
  std::chrono::steady_clock::time_point until;
  std::size_t bytes = 0, header_bytes = 0;
};

// Blocking. `tls` is used where the URL asks for it, with the host's name as what the certificate must say.
Result<Answer, FetchError> exchange(const WebAddress& url, const boost::asio::ip::address& address,
                                    const ExchangeLimits& limits, boost::asio::ssl::context& tls,
                                    const std::stop_token& stop);

}  // namespace flowstone::outside
