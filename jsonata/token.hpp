// The words of the language.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "jsonata/value.hpp"

namespace flowstone::jsonata {

enum class TokenKind : std::uint8_t { end, name, variable, string, number, value, regex, symbol };

struct Token {
  TokenKind kind = TokenKind::end;
  std::uint32_t position = 0;  // byte of its first character
  std::string text;            // name, variable without $, symbol, pattern, or string
  std::string flags;           // of a regular expression
  Value literal;

  [[nodiscard]] bool is(std::string_view symbol) const { return kind == TokenKind::symbol && text == symbol; }
};

// Cuts an expression into tokens, one at a time.
// Lifetime: the text outlives it.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  // Where an operand may come, "/" begins a regular expression; elsewhere it divides.
  Token next(bool operand_may_come);

 private:
  void skip_space_and_comments();
  Token read_symbol();
  Token read_string(char quote);
  Token read_quoted_name();
  Token read_number();
  Token read_regex();
  Token read_word();
  void read_escape(std::string& into);
  char32_t read_hex();
  [[nodiscard]] Token token(TokenKind kind, std::size_t start, std::string text) const;

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace flowstone::jsonata
