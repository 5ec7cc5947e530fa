// Why there is no answer from somebody's server.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace flowstone::outside {

struct FetchError {
  enum class Code : std::uint8_t {
    bad_url,
    not_public,  // the host, or where it redirects to, is inside somebody's network
    unreachable,
    unsafe,  // TLS could not be verified, or a redirect leads away from it
    too_slow,
    too_large,
    too_many_redirects,
    bad_answer,  // no HTTP, cut short, compressed
    not_found,   // any status but success
    busy,        // too many fetches wait already
    stopped,
  } code = Code::bad_answer;
  std::string detail;  // a sentence
};

}  // namespace flowstone::outside
