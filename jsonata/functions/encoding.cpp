// Base 64 and percent-encoding.
#include <array>

#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/meter.hpp"
#include "jsonata/unicode.hpp"

namespace flowstone::jsonata {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kHex = "0123456789ABCDEF";
// What encodeURIComponent leaves as it is, and what encodeURI leaves besides.
constexpr std::string_view kUnreserved = "-_.!~*'()";
constexpr std::string_view kReserved = ";/?:@&=+$,#";

bool is_alphanumeric(char c) { return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); }

Value base64_encode(Call& call) {
  if (call[0].is_undefined()) return {};
  admit(call[0].text().size() * 4);
  std::string bytes;
  for (const char32_t c : to_code_points(call[0].text())) {
    if (c > 0xFF) fail("D3142", {.value = call[0]});
    bytes.push_back(static_cast<char>(c));
  }
  std::string encoded;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto byte = [&](std::size_t offset) {
      return at + offset < bytes.size() ? static_cast<unsigned char>(bytes[at + offset]) : 0U;
    };
    const unsigned group = (byte(0) << 16U) | (byte(1) << 8U) | byte(2);
    for (unsigned part = 0; part < 4; ++part) {
      const bool padding = at + part > bytes.size();
      encoded.push_back(padding ? '=' : kAlphabet[(group >> (18 - 6 * part)) & 0x3FU]);
    }
  }
  return Value::string(std::move(encoded));
}

Value base64_decode(Call& call) {
  if (call[0].is_undefined()) return {};
  std::string decoded;
  unsigned group = 0;
  unsigned bits = 0;
  for (const char c : call[0].text()) {
    if (c == '=') break;
    if (c == '\n' || c == '\r' || c == ' ') continue;
    const auto digit = kAlphabet.find(c == '-' ? '+' : c == '_' ? '/' : c);
    if (digit == std::string_view::npos) fail("D3143", {.value = call[0]});
    group = (group << 6U) | static_cast<unsigned>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    append_code_point(decoded, (group >> bits) & 0xFFU);
  }
  return Value::string(std::move(decoded));
}

[[noreturn]] void malformed(const Call& call) {
  fail("D3140", {.value = call[0], .function_name = std::string(call.name)});
}

Value encode(Call& call, std::string_view kept) {
  if (call[0].is_undefined()) return {};
  const std::string& text = call[0].text();
  spend(text.size() / 16);
  admit(text.size() * 3);
  std::string encoded;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    const char32_t c = next_code_point(text, at);
    if (c >= 0xD800 && c < 0xE000) malformed(call);
    for (const char byte : text.substr(from, at - from)) {
      if (is_alphanumeric(byte) || kUnreserved.find(byte) != std::string_view::npos ||
          kept.find(byte) != std::string_view::npos) {
        encoded.push_back(byte);
      } else {
        const auto value = static_cast<unsigned char>(byte);
        encoded += {'%', kHex[value >> 4U], kHex[value & 0xFU]};
      }
    }
  }
  return Value::string(std::move(encoded));
}

int hex_at(const std::string& text, std::size_t at) {
  if (at >= text.size()) return -1;
  const auto digit = kHex.find(static_cast<char>(text[at] >= 'a' ? text[at] - 'a' + 'A' : text[at]));
  return digit == std::string_view::npos ? -1 : static_cast<int>(digit);
}

bool is_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t from = at;
    const char32_t c = next_code_point(bytes, at);
    if ((at == from + 1 && c >= 0x80) || (c >= 0xD800 && c < 0xE000) || c > 0x10FFFF) return false;
  }
  return true;
}

Value decode(Call& call, std::string_view kept) {
  if (call[0].is_undefined()) return {};
  const std::string& text = call[0].text();
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      decoded.push_back(text[at]);
      continue;
    }
    const int high = hex_at(text, at + 1);
    const int low = hex_at(text, at + 2);
    if (high < 0 || low < 0) malformed(call);
    const char byte = static_cast<char>(high * 16 + low);
    if (kept.find(byte) != std::string_view::npos) {
      decoded.append(text, at, 3);
    } else {
      decoded.push_back(byte);
    }
    at += 2;
  }
  if (!is_utf8(decoded)) malformed(call);
  return Value::string(std::move(decoded));
}

Value encode_url(Call& call) { return encode(call, kReserved); }
Value encode_url_component(Call& call) { return encode(call, {}); }
Value decode_url(Call& call) { return decode(call, kReserved); }
Value decode_url_component(Call& call) { return decode(call, {}); }

}  // namespace

void add_encoding_functions(std::vector<BuiltIn>& all) {
  all.insert(all.end(), {
                            {"base64encode", "<s-:s>", 1, base64_encode},
                            {"base64decode", "<s-:s>", 1, base64_decode},
                            {"encodeUrl", "<s-:s>", 1, encode_url},
                            {"encodeUrlComponent", "<s-:s>", 1, encode_url_component},
                            {"decodeUrl", "<s-:s>", 1, decode_url},
                            {"decodeUrlComponent", "<s-:s>", 1, decode_url_component},
                        });
}

}  // namespace flowstone::jsonata
