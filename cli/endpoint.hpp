// Where a server is: "http://127.0.0.1:8080", taken apart.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace flowstone::cli {

struct Endpoint {
  bool tls = false;
  std::string host;  // without the brackets of an IPv6 address
  std::string port;
  std::string prefix;  // path before /v1, without a slash at its end; usually empty

  // Refuses what is no http or https URL with a sentence.
  static Result<Endpoint, std::string> parse(std::string_view url);
  // As the Host header wants it.
  [[nodiscard]] std::string authority() const;
  [[nodiscard]] std::string url() const;
};

// Percent-encodes everything but RFC 3986's unreserved characters.
std::string encode_uri_component(std::string_view text);

}  // namespace flowstone::cli
