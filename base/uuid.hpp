// UUIDs (RFC 9562) as bytes and as text, and those that are made of what they name.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace flowstone {

inline constexpr std::size_t kUuidBytes = 16;

// The canonical lower-case form of 16 bytes.
std::string uuid_text(BytesView bytes);
// Nothing where the text is no UUID in canonical form.
std::optional<Bytes> uuid_bytes(std::string_view text);
// A UUID version 8 of the parts one after the other: the same parts give the same id.
std::string derived_uuid(std::initializer_list<BytesView> parts);

}  // namespace flowstone
