// What is asked of somebody's server, and what it answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace flowstone::outside {

struct Header {
  std::string name, value;
  bool operator==(const Header&) const = default;
};

struct Request {
  std::string method = "GET";
  std::vector<Header> headers{};
  Bytes body{};
  // Whose body is wanted: that of an answer with status 200, or that of any. One of an error (400 and above) that is
  // too large is then cut.
  bool any_status = false;
};

struct Answer {
  unsigned status = 0;
  std::string reason;
  std::vector<Header> headers;  // in the order in which they came
  Bytes body;

  // The value of the first header of that name, in upper or lower case; empty if there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

// Letters in upper or lower case are the same.
bool same_name(std::string_view one, std::string_view other);

// GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS.
bool is_known_method(std::string_view method);

// Why the header may not be sent, as the end of a sentence that begins with its name: it is none, would break the
// request in two, or is for the connection itself to say.
std::optional<std::string_view> why_not_sent(const Header& header);

}  // namespace flowstone::outside
