#include "base/uuid.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/digest.hpp"
#include "base/identifier.hpp"

namespace flowstone {

std::string uuid_text(BytesView bytes) {
  check(bytes.size() == kUuidBytes, "a UUID has 16 bytes");
  auto text = to_hex(bytes);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
  return text;
}

std::optional<Bytes> uuid_bytes(std::string_view text) {
  if (!is_uuid(text)) return std::nullopt;
  std::string digits(text);
  std::erase(digits, '-');
  return from_hex(digits);
}

std::string derived_uuid(std::initializer_list<BytesView> parts) {
  Digest digest = sha256(parts);
  digest[6] = static_cast<std::uint8_t>((digest[6] & 0x0FU) | 0x80U);
  digest[8] = static_cast<std::uint8_t>((digest[8] & 0x3FU) | 0x80U);
  return uuid_text(view(digest).substr(0, kUuidBytes));
}

}  // namespace flowstone
