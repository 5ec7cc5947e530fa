// Which addresses of the internet are public, and which lead into somebody's own network.
#pragma once

#include <optional>
#include <string_view>

#include <boost/asio/ip/address.hpp>

namespace flowstone::outside {

// What the address is, in words, if it is not public: "loopback", "private", "link-local" ... Nothing if it is. An IPv4
// address inside an IPv6 one (mapped, or translated by NAT64) is judged as what it is; of other IPv6 addresses only
// global unicast (2000::/3) is public. After IANA's registries of special-purpose addresses.
std::optional<std::string_view> why_not_public(const boost::asio::ip::address& address);

}  // namespace flowstone::outside
