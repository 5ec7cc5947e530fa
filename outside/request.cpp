#include "outside/request.hpp"

#include <algorithm>
#include <array>

namespace flowstone::outside {
namespace {

constexpr std::array kMethods = {std::string_view("GET"),    std::string_view("HEAD"),  std::string_view("POST"),
                                 std::string_view("PUT"),    std::string_view("PATCH"), std::string_view("DELETE"),
                                 std::string_view("OPTIONS")};

// What the connection itself says, or what would make it another one.
constexpr std::array kReserved = {
    std::string_view("host"),       std::string_view("connection"),        std::string_view("content-length"),
    std::string_view("keep-alive"), std::string_view("transfer-encoding"), std::string_view("te"),
    std::string_view("trailer"),    std::string_view("upgrade"),           std::string_view("expect"),
    std::string_view("via"),        std::string_view("accept-encoding"),   std::string_view("proxy-authorization"),
    std::string_view("forwarded")};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool stands_in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").contains(c);
}

bool stands_in_value(char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); }

}  // namespace

bool same_name(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, {}, lower, lower);
}

std::string_view Answer::header(std::string_view name) const {
  const auto found = std::ranges::find_if(headers, [&](const Header& each) { return same_name(each.name, name); });
  return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

bool is_known_method(std::string_view method) { return std::ranges::find(kMethods, method) != kMethods.end(); }

std::optional<std::string_view> why_not_sent(const Header& header) {
  if (header.name.empty() || !std::ranges::all_of(header.name, stands_in_name)) return "is not the name of a header";
  if (!std::ranges::all_of(header.value, stands_in_value)) return "has a value with a control character in it";
  const auto is_it = [&](std::string_view reserved) { return same_name(header.name, reserved); };
  if (std::ranges::any_of(kReserved, is_it)) return "is a header that is not for the caller to set";
  return std::nullopt;
}

}  // namespace flowstone::outside
