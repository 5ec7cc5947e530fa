// Any text as a URL and as what a redirect leads to: what is taken apart goes together again, and never leads
// elsewhere.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "outside/web_address.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using flowstone::check;
  using flowstone::outside::WebAddress;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto address = WebAddress::parse(text)) {
    check(!address->host.empty() && address->port != 0 && address->target.starts_with('/'), "an address is whole");
    const auto again = WebAddress::parse(address->text());
    check(again && again->host == address->host && again->port == address->port, "an address goes there and back");
    check(again->text() == address->text(), "an address has one text");
  }
  static const auto base = WebAddress::parse("https://example.org/a/b?c");
  if (const auto led = base->follow(text)) {
    const bool says_so = text.find("://") != std::string_view::npos || text.starts_with("//");
    check(says_so || led->host == base->host, "only a host that is named is led to");
  }
  return 0;
}
