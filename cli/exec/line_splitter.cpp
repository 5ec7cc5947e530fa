#include "cli/exec/line_splitter.hpp"

namespace flowstone::cli {
namespace {

// Where to cut so that no character is torn; the whole if there is no character's start near the end.
std::size_t cut_between_characters(std::string_view bytes) {
  for (std::size_t back = 1; back <= 4 && back <= bytes.size(); ++back) {
    const auto byte = static_cast<unsigned char>(bytes[bytes.size() - back]);
    if ((byte & 0xC0U) == 0x80U) continue;
    const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    return length > back && back < bytes.size() ? bytes.size() - back : bytes.size();
  }
  return bytes.size();
}

// Length of the valid character at the start of `bytes`, 0 if there is none (RFC 3629).
std::size_t character_length(std::string_view bytes) {
  const auto at = [&](std::size_t index) { return static_cast<unsigned char>(bytes[index]); };
  const auto first = at(0);
  if (first < 0x80) return first == 0 ? 0 : 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || bytes.size() < length) return 0;
  for (std::size_t index = 1; index < length; ++index) {
    if ((at(index) & 0xC0U) != 0x80U) return 0;
  }
  const auto second = at(1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool outside = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return overlong || outside ? 0 : length;
}

}  // namespace

void LineSplitter::put(std::string_view bytes, const Take& take) {
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const auto part = bytes.substr(0, end);
    if (end != std::string_view::npos && pending_.empty() && part.size() <= kPieceBytes) {
      take({.bytes = part, .partial = false});
      open_ = false;
      bytes.remove_prefix(end + 1);
      continue;
    }
    const auto fitting = part.substr(0, 2 * kPieceBytes - pending_.size());
    pending_ += fitting;
    bytes.remove_prefix(fitting.size());
    take_full_pieces(take);
    if (fitting.size() == part.size() && end != std::string_view::npos) {
      take({.bytes = pending_, .partial = false});
      pending_.clear();
      open_ = false;
      bytes.remove_prefix(1);
    }
  }
}

void LineSplitter::take_full_pieces(const Take& take) {
  while (pending_.size() > kPieceBytes) {
    const auto cut = cut_between_characters(std::string_view(pending_).substr(0, kPieceBytes));
    take({.bytes = std::string_view(pending_).substr(0, cut), .partial = true});
    open_ = true;
    pending_.erase(0, cut);
  }
}

void LineSplitter::flush(const Take& take) {
  const auto cut = cut_between_characters(pending_);
  if (cut == 0) return;
  take({.bytes = std::string_view(pending_).substr(0, cut), .partial = true});
  open_ = true;
  pending_.erase(0, cut);
}

void LineSplitter::finish(const Take& take) {
  if (!pending_.empty() || open_) take({.bytes = pending_, .partial = false});
  pending_.clear();
  open_ = false;
}

bool is_plain_text(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto length = character_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string acceptable(std::string_view text, std::size_t bytes) {
  std::string out;
  for (std::size_t at = 0; at < text.size() && out.size() < bytes;) {
    std::size_t length = 1;
    while (at + length < text.size() && (static_cast<unsigned char>(text[at + length]) & 0xC0U) == 0x80U) ++length;
    const auto character = text.substr(at, length);
    out += is_plain_text(character) ? character : std::string_view("\xEF\xBF\xBD");
    at += length;
  }
  return out;
}

}  // namespace flowstone::cli
