#include <array>

#include "jsonata/failure.hpp"
#include "jsonata/number_text.hpp"
#include "jsonata/token.hpp"
#include "jsonata/unicode.hpp"

namespace flowstone::jsonata {
namespace {

constexpr std::string_view kSpace = " \t\n\r\v";
constexpr std::string_view kSymbolCharacters = ".[]{}(),@#;:?+-*/%|=<>^&!~";
constexpr std::array<std::string_view, 9> kLongSymbols{"..", ":=", "!=", ">=", "<=", "**", "~>", "?:", "??"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
std::uint32_t place(std::size_t at) { return static_cast<std::uint32_t>(at); }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The length of the number at the start of the text: no sign, no leading zeros; 0 if there is none.
std::size_t number_length(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at - from;
  };
  if (text.starts_with('0')) {
    at = 1;
  } else if (digits() == 0) {
    return 0;
  }
  if (at + 1 < text.size() && text[at] == '.' && is_digit(text[at + 1])) {
    ++at;
    digits();
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    const std::size_t before = at++;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) at = before;
  }
  return at;
}

}  // namespace

Token Lexer::token(TokenKind kind, std::size_t start, std::string text) const {
  return {.kind = kind, .position = place(start), .text = std::move(text), .flags = {}, .literal = {}};
}

void Lexer::skip_space_and_comments() {
  while (at_ < text_.size()) {
    if (kSpace.find(text_[at_]) != std::string_view::npos) {
      ++at_;
    } else if (text_.substr(at_).starts_with("/*")) {
      const auto end = text_.find("*/", at_ + 2);
      if (end == std::string_view::npos) fail("S0106", {.position = place(at_)});
      at_ = end + 2;
    } else {
      return;
    }
  }
}

Token Lexer::next(bool operand_may_come) {
  skip_space_and_comments();
  if (at_ == text_.size()) return token(TokenKind::end, at_, "(end)");
  const char c = text_[at_];
  if (operand_may_come && c == '/') return read_regex();
  if (kSymbolCharacters.find(c) != std::string_view::npos) return read_symbol();
  if (c == '"' || c == '\'') return read_string(c);
  if (c == '`') return read_quoted_name();
  if (is_digit(c)) return read_number();
  return read_word();
}

Token Lexer::read_symbol() {
  const std::size_t start = at_;
  for (const auto symbol : kLongSymbols) {
    if (text_.substr(at_).starts_with(symbol)) {
      at_ += symbol.size();
      return token(TokenKind::symbol, start, std::string(symbol));
    }
  }
  return token(TokenKind::symbol, start, std::string(1, text_[at_++]));
}

Token Lexer::read_string(char quote) {
  const std::size_t start = at_++;
  std::string text;
  while (at_ < text_.size() && text_[at_] != quote) {
    if (text_[at_] != '\\') {
      text.push_back(text_[at_++]);
      continue;
    }
    ++at_;
    read_escape(text);
  }
  if (at_ == text_.size()) fail("S0101", {.position = place(start)});
  ++at_;
  Token made = token(TokenKind::string, start, std::move(text));
  made.literal = Value::string(made.text);
  return made;
}

char32_t Lexer::read_hex() {
  char32_t unit = 0;
  for (int count = 0; count < 4; ++count, ++at_) {
    const int digit = at_ < text_.size() ? hex_value(text_[at_]) : -1;
    if (digit < 0) fail("S0104", {.position = place(at_)});
    unit = unit * 16 + static_cast<char32_t>(digit);
  }
  return unit;
}

void Lexer::read_escape(std::string& into) {
  constexpr std::string_view kNamed = "\"\\/bfnrt'";
  constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t'";
  const char c = at_ < text_.size() ? text_[at_] : '\0';
  if (const auto named = kNamed.find(c); named != std::string_view::npos && c != '\0') {
    into.push_back(kMeant[named]);
    ++at_;
    return;
  }
  if (c != 'u') fail("S0103", {.position = place(at_), .token = std::string(1, c)});
  ++at_;
  char32_t unit = read_hex();
  if (unit >= 0xD800 && unit < 0xDC00 && text_.substr(at_).starts_with("\\u")) {
    const std::size_t after_high = at_;
    at_ += 2;
    const char32_t low = read_hex();
    if (low >= 0xDC00 && low < 0xE000) {
      unit = 0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00);
    } else {
      at_ = after_high;
    }
  }
  append_code_point(into, unit);
}

Token Lexer::read_quoted_name() {
  const std::size_t start = at_;
  const auto end = text_.find('`', start + 1);
  if (end == std::string_view::npos) fail("S0105", {.position = place(start)});
  at_ = end + 1;
  return token(TokenKind::name, start, std::string(text_.substr(start + 1, end - start - 1)));
}

Token Lexer::read_number() {
  const std::size_t start = at_;
  const auto text = text_.substr(start, number_length(text_.substr(start)));
  at_ += text.size();
  const auto number = parse_decimal(text);
  if (!number) fail("S0102", {.position = place(start), .token = std::string(text)});
  Token made = token(TokenKind::number, start, std::string(text));
  made.literal = Value::number(*number);
  return made;
}

Token Lexer::read_regex() {
  const std::size_t start = at_++;
  int depth = 0;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    const bool escaped = text_[at_ - 1] == '\\' && (at_ < 2 || text_[at_ - 2] != '\\');
    if (escaped) continue;
    if (c == '/' && depth == 0) break;
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
  }
  if (at_ >= text_.size()) fail("S0302", {.position = place(start)});
  Token made = token(TokenKind::regex, start, std::string(text_.substr(start + 1, at_ - start - 1)));
  if (made.text.empty()) fail("S0301", {.position = place(start)});
  for (++at_; at_ < text_.size() && (text_[at_] == 'i' || text_[at_] == 'm'); ++at_) made.flags.push_back(text_[at_]);
  return made;
}

Token Lexer::read_word() {
  const std::size_t start = at_;
  while (at_ < text_.size() && kSpace.find(text_[at_]) == std::string_view::npos &&
         kSymbolCharacters.find(text_[at_]) == std::string_view::npos)
    ++at_;
  const auto word = text_.substr(start, at_ - start);
  if (word.starts_with('$')) return token(TokenKind::variable, start, std::string(word.substr(1)));
  if (word == "and" || word == "or" || word == "in") return token(TokenKind::symbol, start, std::string(word));
  if (word == "true" || word == "false" || word == "null") {
    Token made = token(TokenKind::value, start, std::string(word));
    made.literal = word == "null" ? Value::null() : Value::boolean(word == "true");
    return made;
  }
  return token(TokenKind::name, start, std::string(word));
}

}  // namespace flowstone::jsonata
