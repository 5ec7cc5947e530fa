// SHA-256 (FIPS 180-4), the one hash of the log, the API keys and the row digests.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "base/bytes.hpp"

namespace flowstone {

using Digest = std::array<std::uint8_t, 32>;

// The digest of the parts one after the other, without copying them together.
Digest sha256(std::initializer_list<BytesView> parts);
inline Digest sha256(BytesView bytes) { return sha256({bytes}); }
// The digest of each message. Where the processor can, several are computed side by side: many messages of about the
// same size then cost a quarter of what they cost one by one.
void sha256_each(std::span<const BytesView> messages, std::span<Digest> digests);

inline BytesView view(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};  // NOLINT: bytes seen as chars
}

// Cryptographically strong random bytes from the operating system's generator.
Bytes random_bytes(std::size_t count);

// True if both are equal; takes the same time wherever they differ.
bool equal_in_constant_time(BytesView left, BytesView right);

}  // namespace flowstone
