// Canonical text: what a span's offsets count, everywhere in Flowstone.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flowstone::documents {

// Code points [start, end) of a text.
struct Span {
  std::uint32_t start = 0;
  std::uint32_t end = 0;

  [[nodiscard]] std::uint32_t size() const { return end - start; }
  [[nodiscard]] bool empty() const { return start == end; }
  auto operator<=>(const Span&) const = default;
};

// UTF-8 that can be addressed by code point, as W3C Web Annotation's selectors count.
// Threads: immutable.
// Cost: a step through at most 64 code points for each translation; none in ASCII text.
// Limits: 2^31 bytes.
class Text {
 public:
  Text() = default;
  // Nothing where the bytes are not valid UTF-8 (surrogates and overlong forms are not) or too many.
  static std::optional<Text> from_utf8(std::string utf8);

  [[nodiscard]] std::string_view utf8() const { return utf8_; }
  [[nodiscard]] std::uint32_t size() const { return size_; }  // code points

  // Where a code point begins; `size()` is the end. Offsets beyond the text count as its end.
  [[nodiscard]] std::uint32_t byte_of(std::uint32_t code_point) const;
  // The code point that the byte belongs to.
  [[nodiscard]] std::uint32_t code_point_of(std::uint32_t byte) const;
  [[nodiscard]] std::string_view slice(Span span) const;

 private:
  std::string utf8_;
  std::vector<std::uint32_t> landmarks_;  // byte of every 64th code point; empty in ASCII text
  std::uint32_t size_ = 0;
};

}  // namespace flowstone::documents
