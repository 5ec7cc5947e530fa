#include "domain/freshness/tokens.hpp"

#include <algorithm>
#include <vector>

namespace flowstone::domain::freshness {

namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Letters beyond ASCII are part of words.
bool is_of_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// "1,234.5" is one number.
bool joins_digits(std::string_view text, std::size_t at) {
  return (text[at] == '.' || text[at] == ',') && at > 0 && is_digit(text[at - 1]) && at + 1 < text.size() &&
         is_digit(text[at + 1]);
}

// Words and numbers; any other character is a token by itself.
std::vector<std::string_view> tokens_of(std::string_view text) {
  std::vector<std::string_view> tokens;
  for (std::size_t at = 0; at < text.size();) {
    if (is_space(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && (is_of_word(text[end]) || joins_digits(text, end))) ++end;
    end = std::max(end, at + 1);
    tokens.push_back(text.substr(at, end - at));
    at = end;
  }
  return tokens;
}

}  // namespace

bool stands_in(std::string_view value, std::string_view text) {
  const auto wanted = tokens_of(value);
  const auto present = tokens_of(text);
  return !wanted.empty() && !std::ranges::search(present, wanted).empty();
}

}  // namespace flowstone::domain::freshness
