// One request over one connection, to an address that was judged before.
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>

#include "outside/fetch_error.hpp"
#include "outside/request.hpp"
#include "outside/web_address.hpp"

namespace flowstone::outside {

struct ExchangeLimits {
  std::chrono::steady_clock::time_point until;
  std::size_t bytes = 0, header_bytes = 0;
};

// Blocking. `tls` is used where the URL asks for it, with the host's name as what the certificate must say. Of the
// request's headers each must be one that may be sent (why_not_sent). Answers of the 100s are waited past.
Result<Answer, FetchError> exchange(const WebAddress& url, const Request& request,
                                    const boost::asio::ip::address& address, const ExchangeLimits& limits,
                                    boost::asio::ssl::context& tls, const std::stop_token& stop);

}  // namespace flowstone::outside
