// The text forms of base: whatever is read must be written back to something that reads as the same value.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "base/identifier.hpp"
#include "base/time.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flowstone;  // NOLINT: the whole program is this function
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto bytes = from_hex(text)) check(from_hex(to_hex(*bytes)) == bytes, "hex goes there and back");
  if (const auto bytes = from_base64(text)) check(to_base64(*bytes) == text, "bytes have one base64 text");
  if (const auto bytes = from_base64url(text)) check(to_base64url(*bytes) == text, "bytes have one base64url text");
  if (const auto at = from_rfc3339(text)) check(from_rfc3339(to_rfc3339(*at)) == at, "times go there and back");
  if (is_uuid(text)) check(text.size() == 36, "an id has 36 characters");
  check(from_base64(to_base64(text)) == text, "any bytes have a base64 text");
  return 0;
}
