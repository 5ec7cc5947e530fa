#include "jsonata/unicode.hpp"

#include <algorithm>
#include <unicode/ucasemap.h>

namespace flowstone::jsonata {
namespace {

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::size_t length_of_lead(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

// A code point above the basic plane begins with a high surrogate in UTF-16, below U+E000.
int utf16_rank(char32_t code_point) { return code_point >= 0x10000 ? 1 : code_point >= 0xE000 ? 2 : 0; }

constexpr std::size_t kMaxMapped = 500U << 20U;  // bytes; ICU counts three times that in 31 bits

using CaseMapping = int32_t (*)(const UCaseMap*, char*, int32_t, const char*, int32_t, UErrorCode*);

std::string mapped(std::string_view text, CaseMapping mapping) {
  if (text.size() > kMaxMapped) return std::string(text);
  UErrorCode status = U_ZERO_ERROR;
  UCaseMap* map = ucasemap_open("", 0, &status);
  std::string result(text.size() * 3 + 8, '\0');
  const int32_t length = mapping(map, result.data(), static_cast<int32_t>(result.size()), text.data(),
                                 static_cast<int32_t>(text.size()), &status);
  ucasemap_close(map);
  if (U_FAILURE(status) != 0) return std::string(text);
  result.resize(static_cast<std::size_t>(length));
  return result;
}

}  // namespace

char32_t next_code_point(std::string_view utf8, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(utf8[at]);
  const std::size_t length = length_of_lead(lead);
  if (length == 1) return static_cast<unsigned char>(utf8[at++]);
  if (length == 0 || at + length > utf8.size()) return ++at, U'\uFFFD';
  char32_t code_point = lead & (0xFFU >> (length + 1));
  for (std::size_t next = 1; next < length; ++next) {
    const auto byte = static_cast<unsigned char>(utf8[at + next]);
    if ((byte & 0xC0U) != 0x80) return ++at, U'\uFFFD';
    code_point = (code_point << 6U) | (byte & 0x3FU);
  }
  at += length;
  return code_point;
}

void append_code_point(std::string& utf8, char32_t code_point) {
  const auto put = [&](char32_t byte) { utf8.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) return put(code_point);
  if (code_point < 0x800) {
    put(0xC0U | (code_point >> 6U));
  } else {
    if (code_point < 0x10000) {
      put(0xE0U | (code_point >> 12U));
    } else {
      put(0xF0U | (code_point >> 18U));
      put(0x80U | ((code_point >> 12U) & 0x3FU));
    }
    put(0x80U | ((code_point >> 6U) & 0x3FU));
  }
  put(0x80U | (code_point & 0x3FU));
}

std::size_t count_code_points(std::string_view utf8) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < utf8.size(); ++count) next_code_point(utf8, at);
  return count;
}

std::size_t byte_of_code_point(std::string_view utf8, std::size_t index) {
  std::size_t at = 0;
  while (index-- > 0 && at < utf8.size()) next_code_point(utf8, at);
  return at;
}

std::u32string to_code_points(std::string_view utf8) {
  std::u32string code_points;
  for (std::size_t at = 0; at < utf8.size();) code_points.push_back(next_code_point(utf8, at));
  return code_points;
}

std::string to_utf8(std::u32string_view code_points) {
  std::string utf8;
  for (const char32_t code_point : code_points) append_code_point(utf8, code_point);
  return utf8;
}

std::strong_ordering compare_text(std::string_view left, std::string_view right) {
  const auto [l, r] = std::ranges::mismatch(left, right);
  auto start = static_cast<std::size_t>(l - left.begin());
  if (l == left.end() || r == right.end()) return left.size() <=> right.size();
  while (start > 0 && (static_cast<unsigned char>(left[start]) & 0xC0U) == 0x80) --start;
  std::size_t after_left = start;
  std::size_t after_right = start;
  const char32_t a = next_code_point(left, after_left);
  const char32_t b = next_code_point(right, after_right);
  if (utf16_rank(a) != utf16_rank(b)) return utf16_rank(a) <=> utf16_rank(b);
  return a <=> b;
}

std::string to_upper(std::string_view utf8) {
  if (!is_ascii(utf8)) return mapped(utf8, ucasemap_utf8ToUpper);
  std::string result(utf8);
  for (char& c : result) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return result;
}

std::string to_lower(std::string_view utf8) {
  if (!is_ascii(utf8)) return mapped(utf8, ucasemap_utf8ToLower);
  std::string result(utf8);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

}  // namespace flowstone::jsonata
