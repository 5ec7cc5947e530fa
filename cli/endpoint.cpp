#include "cli/endpoint.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

namespace flowstone::cli {
namespace {

bool is_port(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && number > 0 && number <= 65535;
}

bool is_host(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_' || c == ':';
  });
}

// Splits "host:port" or "[address]:port"; an absent port leaves `port` as it is.
void split_authority(std::string_view authority, std::string& host, std::string& port) {
  const auto bracket = authority.find(']');
  if (authority.starts_with('[') && bracket != std::string_view::npos) {
    host = authority.substr(1, bracket - 1);
    if (authority.substr(bracket + 1).starts_with(':')) port = authority.substr(bracket + 2);
    return;
  }
  const auto colon = authority.find(':');
  host = authority.substr(0, colon);
  if (colon != std::string_view::npos) port = authority.substr(colon + 1);
}

}  // namespace

Result<Endpoint, std::string> Endpoint::parse(std::string_view url) {
  Endpoint endpoint;
  std::string_view rest = url;
  if (rest.starts_with("https://")) {
    endpoint.tls = true;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return failure(fmt::format("'{}' is no server address; write http://HOST:PORT or https://HOST:PORT", url));
  }
  const auto slash = rest.find('/');
  if (slash != std::string_view::npos) endpoint.prefix = rest.substr(slash);
  while (endpoint.prefix.ends_with('/')) endpoint.prefix.pop_back();
  endpoint.port = endpoint.tls ? "443" : "80";
  split_authority(rest.substr(0, slash), endpoint.host, endpoint.port);
  if (!is_host(endpoint.host)) return failure(fmt::format("'{}' names no host", url));
  if (!is_port(endpoint.port)) return failure(fmt::format("'{}': the port must be from 1 to 65535", url));
  return endpoint;
}

std::string Endpoint::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", host, v6 ? "]" : "", port);
}

std::string Endpoint::url() const { return fmt::format("{}://{}{}", tls ? "https" : "http", authority(), prefix); }

std::string encode_uri_component(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      out += fmt::format("%{:02X}", byte);
    }
  }
  return out;
}

}  // namespace flowstone::cli
