#include <array>

#include "schemas/json.hpp"

namespace flowstone::schemas {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

// For each byte: 0 if it stands for itself in a JSON string, 'u' for \u00XX, otherwise the letter after the backslash.
constexpr std::array<char, 256> kEscapes = [] {
  std::array<char, 256> escapes{};
  for (std::size_t byte = 0; byte < 0x20; ++byte) escapes[byte] = 'u';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  escapes['\b'] = 'b';
  escapes['\f'] = 'f';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\t'] = 't';
  return escapes;
}();

// The first byte from `start` on that must be escaped, or somewhat before it: whole blocks without one are passed over.
std::size_t pass_plain_blocks(std::string_view text, std::size_t start) {
  constexpr std::size_t kBlock = 32;
  for (; start + kBlock <= text.size(); start += kBlock) {
    unsigned char found = 0;
    for (std::size_t i = 0; i < kBlock; ++i) {
      const auto byte = static_cast<unsigned char>(text[start + i]);
      found |= static_cast<unsigned char>((byte < 0x20) | (byte == '"') | (byte == '\\'));
    }
    if (found != 0) break;
  }
  return start;
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out.push_back('"');
  std::size_t copied = 0;
  for (std::size_t i = pass_plain_blocks(text, 0); i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const char escape = kEscapes[byte];
    if (escape == 0) continue;
    out.append(text, copied, i - copied);
    copied = i + 1;
    out.push_back('\\');
    out.push_back(escape);
    if (escape == 'u') {
      out.append("00");
      out.push_back(kHexDigits[byte >> 4]);
      out.push_back(kHexDigits[byte & 15]);
    }
  }
  out.append(text, copied);
  out.push_back('"');
}

}  // namespace flowstone::schemas
