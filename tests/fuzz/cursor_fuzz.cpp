// Any text as the cursor of a query, and any bytes as what it holds: what is accepted is what was encoded.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.hpp"
#include "projections/cursor.hpp"
#include "projections/postings.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flowstone;               // NOLINT: the whole program is this function
  using namespace flowstone::projections;  // NOLINT
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto place = decode_cursor("query", text)) {
    check(decode_cursor("query", encode_cursor("query", *place)) == place, "a place goes there and back");
    check(!decode_cursor("another query", text), "a cursor belongs to its query");
  }
  const std::size_t half = size / 2;
  const Place place{.value = text.substr(0, half), .id = text.substr(half)};
  check(decode_cursor("query", encode_cursor("query", place)) == place, "every place can be kept");
  if (const auto positions = decode_positions(1, text)) {
    check(decode_positions(1, encode_distances(*positions)) == positions, "positions go there and back");
  }
  return 0;
}
