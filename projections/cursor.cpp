#include "projections/cursor.hpp"

#include "base/digest.hpp"
#include "projections/codec.hpp"

namespace flowstone::projections {
namespace {

constexpr std::size_t kChecksumBytes = 8;

Bytes checksum(BytesView query, BytesView body) {
  return Bytes(view(sha256({view(sha256(query)), body})).substr(0, kChecksumBytes));
}

}  // namespace

std::string encode_cursor(BytesView query, const Place& place) {
  Encoder body;
  body.text(place.value).text(place.id);
  return to_base64url(checksum(query, body.view()).append(body.view()));
}

std::optional<Place> decode_cursor(BytesView query, std::string_view cursor) {
  const std::optional<Bytes> bytes = from_base64url(cursor);
  if (!bytes || bytes->size() < kChecksumBytes) return std::nullopt;
  const BytesView body = BytesView(*bytes).substr(kChecksumBytes);
  if (BytesView(*bytes).substr(0, kChecksumBytes) != checksum(query, body)) return std::nullopt;
  Decoder in(body);
  Place place;
  place.value = in.text();
  place.id = in.text();
  if (!in.complete()) return std::nullopt;
  return place;
}

}  // namespace flowstone::projections
