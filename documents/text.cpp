#include "documents/text.hpp"

#include <algorithm>
#include <unicode/utf8.h>

namespace flowstone::documents {
namespace {

constexpr std::uint32_t kStride = 64;
constexpr std::size_t kMostBytes = std::size_t{1} << 31;

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

}  // namespace

std::optional<Text> Text::from_utf8(std::string utf8) {
  if (utf8.size() > kMostBytes) return std::nullopt;
  Text text;
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(utf8.data());  // NOLINT: chars seen as bytes
  const auto length = static_cast<std::int64_t>(utf8.size());
  std::int64_t at = 0;
  while (at < length) {
    if (text.size_ % kStride == 0) text.landmarks_.push_back(static_cast<std::uint32_t>(at));
    UChar32 code_point = 0;
    U8_NEXT(bytes, at, length, code_point);
    if (code_point < 0) return std::nullopt;
    ++text.size_;
  }
  if (text.size_ == utf8.size()) text.landmarks_ = {};
  text.utf8_ = std::move(utf8);
  return text;
}

std::uint32_t Text::byte_of(std::uint32_t code_point) const {
  if (code_point >= size_) return static_cast<std::uint32_t>(utf8_.size());
  if (landmarks_.empty()) return code_point;
  const std::uint32_t landmark = code_point / kStride;
  std::uint32_t byte = landmarks_[landmark];
  if (landmark + 1 < landmarks_.size() && landmarks_[landmark + 1] - byte == kStride)
    return byte + code_point % kStride;
  for (std::uint32_t left = code_point % kStride; left > 0; --left) {
    do {
      ++byte;
    } while (continues(utf8_[byte]));
  }
  return byte;
}

std::uint32_t Text::code_point_of(std::uint32_t byte) const {
  if (byte >= utf8_.size()) return size_;
  if (landmarks_.empty()) return byte;
  const auto after = std::ranges::upper_bound(landmarks_, byte);
  const auto landmark = static_cast<std::uint32_t>(after - landmarks_.begin() - 1);
  std::uint32_t code_point = landmark * kStride;
  if (landmark + 1 < landmarks_.size() && landmarks_[landmark + 1] - landmarks_[landmark] == kStride)
    return code_point + (byte - landmarks_[landmark]);
  for (std::uint32_t at = landmarks_[landmark] + 1; at <= byte; ++at) {
    if (!continues(utf8_[at])) ++code_point;
  }
  return code_point;
}

std::string_view Text::slice(Span span) const {
  const std::uint32_t begin = byte_of(span.start);
  const std::uint32_t end = byte_of(std::max(span.start, span.end));
  return std::string_view(utf8_).substr(begin, end - begin);
}

}  // namespace flowstone::documents
