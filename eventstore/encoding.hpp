// Fixed-width and variable-length integers as bytes. Little-endian in formats, big-endian in keys (they sort as
// numbers).
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>

#include "base/bytes.hpp"

namespace flowstone::eventstore {

static_assert(std::endian::native == std::endian::little, "formats are little-endian and read in place");

template <std::integral Number>
void put_fixed(char* at, Number number) {
  std::memcpy(at, &number, sizeof number);
}

template <std::integral Number>
void append_fixed(Bytes& out, Number number) {
  char raw[sizeof number];
  put_fixed(raw, number);
  out.append(raw, sizeof raw);
}

template <std::integral Number>
Number get_fixed(const char* at) {
  Number number;
  std::memcpy(&number, at, sizeof number);
  return number;
}

inline void append_key(Bytes& out, std::uint64_t number) { append_fixed(out, __builtin_bswap64(number)); }
inline std::uint64_t get_key(const char* at) { return __builtin_bswap64(get_fixed<std::uint64_t>(at)); }

// LEB128: seven bits a byte, lowest first, at most ten bytes.
inline void append_varint(Bytes& out, std::uint64_t number) {
  while (number >= 0x80) {
    out.push_back(static_cast<char>(number | 0x80));
    number >>= 7;
  }
  out.push_back(static_cast<char>(number));
}

// Takes values off the front of bytes that may be damaged. After the first value that does not fit, `ok` stays false
// and everything reads as zero or empty.
class ByteReader {
 public:
  explicit ByteReader(BytesView bytes) : left_(bytes) {}

  template <std::integral Number>
  Number fixed() {
    const BytesView raw = bytes(sizeof(Number));
    return raw.size() == sizeof(Number) ? get_fixed<Number>(raw.data()) : Number{};
  }

  BytesView bytes(std::size_t count) {
    if (count > left_.size()) {
      ok_ = false;
      left_ = {};
      return {};
    }
    const BytesView taken = left_.substr(0, count);
    left_.remove_prefix(count);
    return taken;
  }

  // One length byte, then so many bytes.
  BytesView name() { return bytes(fixed<std::uint8_t>()); }

  std::uint64_t varint() {
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = fixed<std::uint8_t>();
      number |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) {
        // One text a number: no superfluous zero byte at the end, nothing beyond 64 bits.
        if ((byte == 0 && shift > 0) || (shift == 63 && byte > 1)) ok_ = false;
        return ok_ ? number : 0;
      }
    }
    ok_ = false;
    return 0;
  }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return left_.empty(); }
  [[nodiscard]] BytesView left() const { return left_; }

 private:
  BytesView left_;
  bool ok_ = true;
};

}  // namespace flowstone::eventstore
