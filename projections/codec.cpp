#include "projections/codec.hpp"

#include <algorithm>

namespace flowstone::projections {

void append_big_endian(Bytes& out, std::uint64_t value, int width) {
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift & 0xff));
}

std::uint64_t read_big_endian(BytesView bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

Encoder& Encoder::number(std::uint64_t value) {
  append_big_endian(out_, value, 8);
  return *this;
}

Encoder& Encoder::text(BytesView value) {
  append_big_endian(out_, value.size(), 4);
  out_.append(value);
  return *this;
}

BytesView Decoder::take(std::size_t count) {
  if (!whole_ || rest_.size() < count) {
    whole_ = false;
    return {};
  }
  const BytesView taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

std::uint64_t Decoder::number() { return read_big_endian(take(8)); }

BytesView Decoder::text() {
  const auto length = static_cast<std::size_t>(read_big_endian(take(4)));
  return take(length);
}

Digest Decoder::digest() {
  Digest digest{};
  const BytesView bytes = text();
  if (bytes.size() == digest.size()) {
    std::ranges::copy(bytes, digest.begin());
  } else {
    whole_ = false;
  }
  return digest;
}

}  // namespace flowstone::projections
