// Owned and borrowed byte ranges and their text forms.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace flowstone {

// Bytes travel in std::string (owned) and std::string_view (borrowed): RocksDB, Beast and FlatBuffers all take them.
using Bytes = std::string;
using BytesView = std::string_view;

// Lower-case hexadecimal, two digits a byte.
std::string to_hex(BytesView bytes);
std::optional<Bytes> from_hex(std::string_view text);

// RFC 4648 section 4 (padded) and section 5 (URL-safe, unpadded). Decoding refuses foreign characters and bad padding.
std::string to_base64(BytesView bytes);
std::optional<Bytes> from_base64(std::string_view text);
std::string to_base64url(BytesView bytes);
std::optional<Bytes> from_base64url(std::string_view text);

}  // namespace flowstone
