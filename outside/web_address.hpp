// An absolute http or https URL, taken apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace flowstone::outside {

struct WebAddress {
  static constexpr std::size_t kLongest = 2'000;  // bytes

  bool secure = false;
  std::string host;  // in lower case, without the brackets of an IPv6 address
  std::uint16_t port = 0;
  std::string target;  // path and query; at least "/"

  // The error says what the URL must be: "must be ...". A fragment is dropped. Names beyond ASCII must come as their
  // `xn--` form.
  static Result<WebAddress, std::string> parse(std::string_view url);
  // Where `Location: reference` in an answer from here leads (RFC 3986, section 5.2).
  [[nodiscard]] Result<WebAddress, std::string> follow(std::string_view reference) const;

  // The same text for the same address.
  [[nodiscard]] std::string text() const;
  // As the Host header wants it.
  [[nodiscard]] std::string authority() const;
};

}  // namespace flowstone::outside
