// Operator precedence parsing (Pratt): each token knows what it means at the start of an expression and behind one.
#pragma once

#include <optional>

#include "jsonata/ast.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/token.hpp"

namespace flowstone::jsonata {

class Parser {
 public:
  explicit Parser(std::string_view text);
  AstPointer parse_all();

 private:
  AstPointer expression(int binding);
  AstPointer start(const Token& token);
  AstPointer start_symbol(const Token& token);
  AstPointer start_block(const Token& token);
  AstPointer start_array(const Token& token);
  AstPointer start_transform(const Token& token);
  AstPointer negate(const Token& token);

  AstPointer follow(const Token& token, AstPointer left);
  AstPointer operation(const Token& token, AstPointer left);
  AstPointer join_path(const Token& token, AstPointer left);
  AstPointer predicate(const Token& token, AstPointer left);
  AstPointer group_by(const Token& token, AstPointer left);
  AstPointer order_by(const Token& token, AstPointer left);
  AstPointer bind(const Token& token, AstPointer left);
  AstPointer bind_focus(const Token& token, AstPointer left);
  AstPointer bind_index(const Token& token, AstPointer left);
  AstPointer condition(const Token& token, AstPointer left);
  AstPointer call(const Token& token, AstPointer left);
  AstPointer lambda(AstPointer made);
  AstPointer otherwise(Form form, const Token& token, AstPointer left);

  std::unique_ptr<Group> pairs();
  std::string variable_behind(const Token& symbol);
  void read_signature(Ast& lambda);

  // The next token, which may begin an operand or stands behind one.
  void advance(bool operand_may_come);
  void expect(std::string_view symbol, bool operand_may_come);

  Lexer lexer_;
  Token token_;
  std::uint32_t nesting_ = 0;
  std::uint32_t ancestors_ = 0;
  std::optional<Failure> wrong_;  // the first step that cannot be one, or operand that is missing
};

}  // namespace flowstone::jsonata
