#include "jsonata/parser.hpp"

#include <map>

#include <fmt/core.h>

#include "jsonata/ancestry.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/limits.hpp"
#include "jsonata/regex.hpp"
#include "jsonata/shape.hpp"
#include "jsonata/signature.hpp"
#include "jsonata/unicode.hpp"

namespace flowstone::jsonata {
namespace {

// How strongly a symbol binds to what stands before it.
int binding_of(const Token& token) {
  static const std::map<std::string_view, int> kBinding{
      {".", 75},  {"[", 80},  {"{", 70},  {"(", 80},  {"@", 80},  {"#", 80},   {"?", 20},  {"+", 50},  {"-", 50},
      {"*", 60},  {"/", 60},  {"%", 60},  {"=", 40},  {"<", 40},  {">", 40},   {"^", 40},  {":=", 10}, {"!=", 40},
      {"<=", 40}, {">=", 40}, {"~>", 40}, {"?:", 40}, {"??", 40}, {"and", 30}, {"or", 25}, {"in", 40}, {"&", 50}};
  if (token.kind != TokenKind::symbol) return 0;
  const auto found = kBinding.find(token.text);
  return found == kBinding.end() ? 0 : found->second;
}

const std::map<std::string_view, Operator>& operators() {
  static const std::map<std::string_view, Operator> kOperators{
      {"+", Operator::add},        {"-", Operator::subtract},       {"*", Operator::multiply},
      {"/", Operator::divide},     {"%", Operator::modulo},         {"=", Operator::equal},
      {"!=", Operator::not_equal}, {"<", Operator::less},           {"<=", Operator::less_equal},
      {">", Operator::greater},    {">=", Operator::greater_equal}, {"&", Operator::concatenate},
      {"and", Operator::both},     {"or", Operator::either},        {"in", Operator::included}};
  return kOperators;
}

// What may begin an operand is followed by one, or is one.
bool wants_operand(const Token& token) {
  if (token.kind != TokenKind::symbol) return false;
  return token.text == "(" || token.text == "[" || token.text == "{" || token.text == "-" || token.text == "|";
}

bool is_unknown_symbol(const Token& token) { return token.is("!") || token.is("~"); }

}  // namespace

Parser::Parser(std::string_view text) : lexer_(text) { advance(true); }

void Parser::advance(bool operand_may_come) {
  token_ = lexer_.next(operand_may_come);
  if (is_unknown_symbol(token_)) fail("S0204", {.position = token_.position, .token = token_.text});
}

void Parser::expect(std::string_view symbol, bool operand_may_come) {
  if (!token_.is(symbol)) {
    const auto code = token_.kind == TokenKind::end ? "S0203" : "S0202";
    fail(code, {.position = token_.position, .token = token_.text, .value = Value::string(std::string(symbol))});
  }
  advance(operand_may_come);
}

AstPointer Parser::parse_all() {
  auto root = expression(0);
  if (token_.kind != TokenKind::end) fail("S0201", {.position = token_.position, .token = token_.text});
  if (wrong_) throw Failure(*std::move(wrong_));
  if (root->form == Form::parent || !root->seeking.empty())
    fail("S0217", {.position = root->position, .token = root->text});
  return root;
}

AstPointer Parser::expression(int binding) {
  if (++nesting_ > kMaxExpressionNesting) fail("S0500", {.position = token_.position});
  const Token first = token_;
  advance(wants_operand(first));
  auto left = start(first);
  while (binding < binding_of(token_)) {
    const Token symbol = token_;
    advance(true);
    left = follow(symbol, std::move(left));
  }
  --nesting_;
  return left;
}

AstPointer Parser::start(const Token& token) {
  switch (token.kind) {
    case TokenKind::end:
      // A bracket that is open is what is missing first.
      if (!wrong_) wrong_ = failure_of("S0207", {.position = token.position, .token = token.text});
      return make_node(Form::placeholder, token.position, token.text);
    case TokenKind::name:
      return as_path(make_node(Form::name, token.position, token.text));
    case TokenKind::variable:
      return make_node(Form::variable, token.position, token.text);
    case TokenKind::regex: {
      auto node = make_node(Form::regex, token.position, token.text);
      node->regex = Regex::compile(token.text, token.flags, token.position);
      return node;
    }
    case TokenKind::string:
    case TokenKind::number:
    case TokenKind::value: {
      auto node = make_node(Form::literal, token.position, token.text);
      node->literal = token.literal;
      node->quoted = token.kind == TokenKind::string;
      return node;
    }
    case TokenKind::symbol:
      return start_symbol(token);
  }
  fail("S0206", {.position = token.position, .token = token.text});
}

AstPointer Parser::start_symbol(const Token& token) {
  if (token.text == "-") return negate(token);
  if (token.text == "*") return make_node(Form::wildcard, token.position, token.text);
  if (token.text == "**") return make_node(Form::descendants, token.position, token.text);
  if (token.text == "?") return make_node(Form::placeholder, token.position, token.text);
  if (token.text == "and" || token.text == "or" || token.text == "in")
    return as_path(make_node(Form::name, token.position, token.text));
  if (token.text == "%") {
    auto node = make_node(Form::parent, token.position, token.text);
    node->ancestor = std::make_shared<Ancestor>(Ancestor{.label = fmt::format("!{}", ancestors_++)});
    return node;
  }
  if (token.text == "(") return start_block(token);
  if (token.text == "[") return start_array(token);
  if (token.text == "|") return start_transform(token);
  if (token.text == "{") {
    auto node = make_node(Form::object, token.position, token.text);
    node->members = pairs();
    for (const auto& [key, value] : node->members->pairs) {
      node->height = std::max({node->height, key->height + 1, value->height + 1});
      pass_on_ancestry(*node, *key);
      pass_on_ancestry(*node, *value);
    }
    return node;
  }
  fail("S0211", {.position = token.position, .token = token.text});
}

AstPointer Parser::negate(const Token& token) {
  auto operand = expression(70);
  if (operand->form == Form::literal && operand->literal.is_number()) {
    operand->literal = Value::number(-operand->literal.as_number());
    return operand;
  }
  auto node = make_node(Form::negation, token.position, token.text);
  add_part(*node, std::move(operand));
  return node;
}

AstPointer Parser::start_block(const Token& token) {
  auto node = make_node(Form::block, token.position, token.text);
  while (!token_.is(")")) {
    auto part = expression(0);
    if (part->constructed || (part->form == Form::path && part->children.front()->constructed))
      node->constructed = true;
    add_part(*node, std::move(part));
    if (!token_.is(";")) break;
    expect(";", true);
  }
  expect(")", false);
  return node;
}

AstPointer Parser::start_array(const Token& token) {
  auto node = make_node(Form::array, token.position, token.text);
  for (bool more = !token_.is("]"); more;) {
    auto item = expression(0);
    if (token_.is("..")) {
      auto range = make_node(Form::range, token_.position, "..");
      expect("..", true);
      add_part(*range, std::move(item));
      add_part(*range, expression(0));
      item = std::move(range);
    }
    add_part(*node, std::move(item));
    more = token_.is(",");
    if (more) advance(true);
  }
  expect("]", false);
  return node;
}

AstPointer Parser::start_transform(const Token& token) {
  auto node = make_node(Form::transform, token.position, token.text);
  add_child(*node, expression(0));
  expect("|", true);
  add_child(*node, expression(0));
  if (token_.is(",")) {
    expect(",", true);
    add_child(*node, expression(0));
  }
  expect("|", false);
  return node;
}

std::unique_ptr<Group> Parser::pairs() {
  auto group = std::make_unique<Group>();
  group->position = token_.position;
  for (bool more = !token_.is("}"); more;) {
    auto key = expression(0);
    expect(":", true);
    auto value = expression(0);
    group->pairs.emplace_back(std::move(key), std::move(value));
    more = token_.is(",");
    if (more) advance(true);
  }
  expect("}", false);
  return group;
}

AstPointer Parser::follow(const Token& token, AstPointer left) {
  if (operators().contains(token.text)) return operation(token, std::move(left));
  if (token.text == ".") return join_path(token, std::move(left));
  if (token.text == "[") return predicate(token, std::move(left));
  if (token.text == "{") return group_by(token, std::move(left));
  if (token.text == "(") return call(token, std::move(left));
  if (token.text == "^") return order_by(token, std::move(left));
  if (token.text == ":=") return bind(token, std::move(left));
  if (token.text == "@") return bind_focus(token, std::move(left));
  if (token.text == "#") return bind_index(token, std::move(left));
  if (token.text == "?") return condition(token, std::move(left));
  if (token.text == "?:") return otherwise(Form::elvis, token, std::move(left));
  if (token.text == "??") return otherwise(Form::coalesce, token, std::move(left));
  auto node = make_node(Form::apply, token.position, token.text);
  auto right = expression(40);
  node->keep_array = left->keep_array || right->keep_array;
  add_part(*node, std::move(left));
  add_part(*node, std::move(right));
  return node;
}

AstPointer Parser::operation(const Token& token, AstPointer left) {
  auto node = make_node(Form::operation, token.position, token.text);
  node->operation = operators().at(token.text);
  add_part(*node, std::move(left));
  add_part(*node, expression(binding_of(token)));
  return node;
}

AstPointer Parser::join_path(const Token& token, AstPointer left) {
  auto path = as_path(std::move(left));
  append_steps(*path, expression(binding_of(token)), token.position, wrong_);
  return path;
}

AstPointer Parser::predicate(const Token& token, AstPointer left) {
  if (token_.is("]")) {
    left->keep_array = true;
    if (left->form == Form::path) {
      left->keep_singleton = true;
      last_step(*left).keep_array = true;
    }
    expect("]", false);
    return left;
  }
  auto filter = expression(0);
  expect("]", false);
  Ast& step = last_step(*left);
  if (step.group) fail("S0209", {.position = token.position, .token = token.text});
  resolve_in_predicate(step, *filter);
  left->height = std::max(left->height, filter->height + 1);
  auto& behind = left->form == Form::path ? step.stages : step.predicates;
  behind.push_back({.predicate = std::move(filter), .index = {}});
  return left;
}

AstPointer Parser::group_by(const Token& token, AstPointer left) {
  if (left->group) fail("S0210", {.position = token.position, .token = token.text});
  left->group = pairs();
  left->group->position = token.position;
  for (const auto& [key, value] : left->group->pairs)
    left->height = std::max({left->height, key->height + 1, value->height + 1});
  return left;
}

AstPointer Parser::order_by(const Token& token, AstPointer left) {
  expect("(", true);
  auto path = as_path(std::move(left));
  auto sort = make_node(Form::sort, token.position, token.text);
  while (true) {
    const bool descending = token_.is(">");
    if (descending || token_.is("<")) advance(true);
    add_part(*sort, expression(0));
    sort->descending.push_back(descending);
    if (!token_.is(",")) break;
    expect(",", true);
  }
  expect(")", false);
  add_child(*path, std::move(sort));
  resolve_in_path(*path);
  return path;
}

AstPointer Parser::bind(const Token& token, AstPointer left) {
  if (!is_plain_variable(*left)) fail("S0212", {.position = left->position, .token = left->text});
  auto node = make_node(Form::bind, token.position, left->text);
  add_part(*node, expression(binding_of(token) - 1));
  return node;
}

std::string Parser::variable_behind(const Token& symbol) {
  const auto name = expression(binding_of(symbol));
  if (!is_plain_variable(*name)) fail("S0214", {.position = name->position, .token = symbol.text});
  return name->text;
}

AstPointer Parser::bind_focus(const Token& token, AstPointer left) {
  auto name = variable_behind(token);
  Ast& step = last_step(*left);
  if (!step.stages.empty() || !step.predicates.empty())
    fail("S0215", {.position = token.position, .token = token.text});
  if (step.form == Form::sort) fail("S0216", {.position = token.position, .token = token.text});
  step.focus = std::move(name);
  step.in_tuples = true;
  return left;
}

AstPointer Parser::bind_index(const Token& token, AstPointer left) {
  auto name = variable_behind(token);
  if (left->form != Form::path) {
    const bool keeps = left->keep_array;
    for (auto& predicate : left->predicates) left->stages.push_back(std::move(predicate));
    left->predicates.clear();
    left = as_path(std::move(left));
    left->keep_array = left->keep_singleton = keeps;
  }
  Ast& step = last_step(*left);
  if (step.stages.empty()) {
    step.index = std::move(name);
  } else {
    step.stages.push_back({.predicate = nullptr, .index = std::move(name)});
  }
  step.in_tuples = true;
  return left;
}

AstPointer Parser::condition(const Token& token, AstPointer left) {
  auto node = make_node(Form::condition, token.position, token.text);
  add_part(*node, std::move(left));
  add_part(*node, expression(0));
  if (token_.is(":")) {
    expect(":", true);
    add_part(*node, expression(0));
  }
  return node;
}

AstPointer Parser::otherwise(Form form, const Token& token, AstPointer left) {
  auto node = make_node(form, token.position, token.text);
  add_part(*node, std::move(left));
  add_part(*node, expression(0));
  return node;
}

AstPointer Parser::call(const Token& token, AstPointer left) {
  auto node = make_node(Form::call, token.position, token.text);
  const auto* name = bare_name(*left);
  const bool is_lambda = name != nullptr && (*name == "function" || *name == "λ");
  add_child(*node, std::move(left));
  for (bool more = !token_.is(")"); more;) {
    auto argument = expression(0);
    if (argument->form == Form::placeholder) node->form = Form::partial;
    add_part(*node, std::move(argument));
    more = token_.is(",");
    if (more) advance(true);
  }
  expect(")", false);
  return is_lambda ? lambda(std::move(node)) : std::move(node);
}

AstPointer Parser::lambda(AstPointer made) {
  auto node = make_node(Form::lambda, made->position, "function");
  for (std::size_t at = 1; at < made->children.size(); ++at) {
    const Ast& parameter = *made->children[at];
    if (!is_plain_variable(parameter)) fail("S0208", {.position = parameter.position, .token = parameter.text});
    node->parameters.push_back(parameter.text);
  }
  if (token_.is("<")) read_signature(*node);
  expect("{", true);
  auto body = expression(0);
  expect("}", false);
  mark_tail(*body);
  add_child(*node, std::move(body));
  return node;
}

void Parser::read_signature(Ast& lambda) {
  const auto position = token_.position;
  std::string text = "<";
  for (int depth = 1; depth > 0 && token_.kind != TokenKind::end && !token_.is("{");) {
    advance(false);
    if (token_.is("<")) ++depth;
    if (token_.is(">")) --depth;
    text += token_.text;
  }
  if (!token_.is(">")) expect(">", false);
  lambda.signature = Signature::parse(text, position);
  expect(">", false);
}

std::shared_ptr<const Program> parse(std::string_view text) {
  if (text.size() > kMaxExpressionBytes) fail("S0500", {.position = 0});
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    if (next_code_point(text, at) == U'\uFFFD' && at == from + 1)
      fail("S0501", {.position = static_cast<std::uint32_t>(from)});
  }
  auto program = std::make_shared<Program>();
  program->text = text;
  program->root = Parser(program->text).parse_all();
  return program;
}

}  // namespace flowstone::jsonata
