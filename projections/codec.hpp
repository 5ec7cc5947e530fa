// Numbers and texts one after the other, as checkpoints, build records and cursors keep them.
//
// number: 8 bytes, big-endian. text: 4 bytes length, big-endian, then the bytes.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "base/digest.hpp"

namespace flowstone::projections {

void append_big_endian(Bytes& out, std::uint64_t value, int width);
std::uint64_t read_big_endian(BytesView bytes);

class Encoder {
 public:
  Encoder& number(std::uint64_t value);
  Encoder& text(BytesView value);
  [[nodiscard]] Bytes take() { return std::move(out_); }
  [[nodiscard]] BytesView view() const { return out_; }

 private:
  Bytes out_;
};

// Reads what an `Encoder` wrote. After the first thing that is not there, everything reads as zero and `complete` is
// false.
class Decoder {
 public:
  explicit Decoder(BytesView bytes) : rest_(bytes) {}
  std::uint64_t number();
  BytesView text();
  Digest digest();
  // True if everything was there and nothing is left over.
  [[nodiscard]] bool complete() const { return whole_ && rest_.empty(); }

 private:
  BytesView take(std::size_t count);

  BytesView rest_;
  bool whole_ = true;
};

}  // namespace flowstone::projections
