#include "outside/web_address.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include <fmt/format.h>

namespace flowstone::outside {
namespace {

constexpr std::string_view kMustBe = "must be an http or https URL with a host, such as https://example.org/page";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lowered(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), lower);
  return result;
}

bool is_printed(char c) { return c > ' ' && c < 0x7f; }

bool stands_in_host(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == ':';
}

std::uint16_t usual_port(bool secure) { return secure ? 443 : 80; }

// "host", "host:port" or "[address]:port"
Result<void, std::string> read_authority(std::string_view authority, WebAddress& into) {
  if (authority.contains('@')) return failure(std::string("must not have a name or password in it"));
  std::string_view port;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return failure(std::string(kMustBe));
    into.host = lowered(authority.substr(1, end - 1));
    port = authority.substr(end + 1);
    if (!into.host.contains(':')) return failure(std::string(kMustBe));
  } else {
    const auto colon = authority.find(':');
    into.host = lowered(authority.substr(0, colon));
    if (colon != std::string_view::npos) port = authority.substr(colon);
  }
  if (into.host.empty() || into.host.size() > 253 || !std::ranges::all_of(into.host, stands_in_host))
    return failure(std::string(kMustBe));
  into.port = usual_port(into.secure);
  if (port.empty() || port == ":") return {};
  const char* const end = port.data() + port.size();
  unsigned number = 0;
  const auto [rest, error] = std::from_chars(port.data() + 1, end, number);
  if (!port.starts_with(':') || error != std::errc{} || rest != end || number == 0 || number > 65'535)
    return failure(std::string("must have a port from 1 to 65535, or none"));
  into.port = static_cast<std::uint16_t>(number);
  return {};
}

// Without `.` and `..`; begins with a slash.
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> kept;
  bool ends_in_slash = false;
  for (std::size_t at = 0; at < path.size();) {
    const auto next = std::min(path.find('/', at + 1), path.size());
    const auto segment = path.substr(at + 1, next - at - 1);
    ends_in_slash = segment.empty() || segment == "." || segment == "..";
    if (segment == ".." && !kept.empty()) kept.pop_back();
    if (segment != "." && segment != ".." && !(segment.empty() && next == path.size())) kept.push_back(segment);
    at = next;
  }
  std::string result;
  for (const auto segment : kept) result.append("/").append(segment);
  if (ends_in_slash || result.empty()) result += '/';
  return result;
}

}  // namespace

Result<WebAddress, std::string> WebAddress::parse(std::string_view url) {
  if (url.size() > kLongest) return failure(fmt::format("must be at most {} bytes", kLongest));
  if (!std::ranges::all_of(url, is_printed))
    return failure(std::string("must be ASCII without spaces: other characters as %XX, in hosts as xn--"));
  WebAddress address;
  const auto colon = url.find("://");
  const auto scheme = lowered(url.substr(0, colon == std::string_view::npos ? 0 : colon));
  if (scheme != "http" && scheme != "https") return failure(std::string(kMustBe));
  address.secure = scheme == "https";
  auto rest = url.substr(colon + 3);
  rest = rest.substr(0, rest.find('#'));
  const auto end = std::min(rest.find_first_of("/?\\"), rest.size());
  if (end < rest.size() && rest[end] == '\\') return failure(std::string(kMustBe));
  FLOWSTONE_TRY_VOID(read_authority(rest.substr(0, end), address));
  address.target = rest.substr(end);
  if (!address.target.starts_with('/')) address.target.insert(0, "/");
  return address;
}

Result<WebAddress, std::string> WebAddress::follow(std::string_view reference) const {
  reference = reference.substr(0, reference.find('#'));
  const auto scheme_end = reference.find_first_of(":/?");
  if (scheme_end != std::string_view::npos && reference[scheme_end] == ':') return parse(reference);
  const std::string_view scheme = secure ? "https" : "http";
  if (reference.starts_with("//")) return parse(fmt::format("{}:{}", scheme, reference));
  const std::string base = fmt::format("{}://{}", scheme, authority());
  if (reference.empty()) return *this;
  const std::string_view path = std::string_view(target).substr(0, target.find('?'));
  if (reference.starts_with('?')) return parse(fmt::format("{}{}{}", base, path, reference));
  const auto query = std::min(reference.find('?'), reference.size());
  const auto whole = reference.starts_with('/')
                         ? std::string(reference.substr(0, query))
                         : fmt::format("{}{}", path.substr(0, path.rfind('/') + 1), reference.substr(0, query));
  return parse(fmt::format("{}{}{}", base, without_dots(whole), reference.substr(query)));
}

std::string WebAddress::authority() const {
  const bool wide = host.contains(':');
  const std::string name = wide ? "[" + host + "]" : host;
  return port == usual_port(secure) ? name : fmt::format("{}:{}", name, port);
}

std::string WebAddress::text() const {
  return fmt::format("{}://{}{}", secure ? "https" : "http", authority(), target);
}

}  // namespace flowstone::outside
