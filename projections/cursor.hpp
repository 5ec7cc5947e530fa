// Where a page ended, as an opaque text that clients send back for the next one.
//
// A cursor belongs to its query: one of another query, a shortened or an altered one is told from a good one by a
// checksum. It does not depend on builds, so it lives on across rebuilds. It is not a secret and grants nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace flowstone::projections {

struct Place {
  Bytes value;     // the sort value of the page's last row, as an index key; empty where there is none
  std::string id;  // of the page's last row
  bool operator==(const Place&) const = default;
};

// `query` is everything that must be equal for the cursor to be accepted.
std::string encode_cursor(BytesView query, const Place& place);
std::optional<Place> decode_cursor(BytesView query, std::string_view cursor);

}  // namespace flowstone::projections
