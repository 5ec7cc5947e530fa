// An expression after parsing: what the evaluator walks. Paths are flat lists of steps.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "jsonata/value.hpp"

namespace flowstone::jsonata {

class Regex;
class Signature;
struct Ast;
using AstPointer = std::unique_ptr<Ast>;

enum class Form : std::uint8_t {
  literal,      // string, number, true, false, null
  name,         // a member of the input; only as a step
  variable,     // $name; $ and $$ too
  wildcard,     // *
  descendants,  // **
  parent,       // %
  regex,        // /.../
  path,         // children: steps
  operation,    // children: left, right
  negation,     // children: operand
  array,        // children: items
  range,        // children: from, to; only as an item
  object,       // in `members`
  block,        // children: expressions
  bind,         // $text := children[0]
  condition,    // children: condition, then, else (may be absent)
  elvis,        // ?:
  coalesce,     // ??
  call,         // children: function, arguments
  partial,      // the same with placeholders among the arguments
  placeholder,  // ?
  lambda,       // children: body
  apply,        // ~>
  transform,    // children: pattern, update, delete (may be absent)
  sort,         // children: terms; only as a step
};

enum class Operator : std::uint8_t {
  add,
  subtract,
  multiply,
  divide,
  modulo,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  concatenate,
  both,
  either,
  included,
};

// A predicate [..], or an index binding # that stands behind one.
struct Stage {
  AstPointer predicate;
  std::string index;
};

struct Group {
  std::vector<std::pair<AstPointer, AstPointer>> pairs;
  std::uint32_t position = 0;
};

// What a % waits for: the step so many levels up, which is told to remember its input under the label.
struct Ancestor {
  std::string label;
  int level = 1;
};

struct Ast {
  Form form = Form::literal;
  Operator operation = Operator::add;
  bool keep_array = false;      // [] behind it
  bool keep_singleton = false;  // of a path: one of its steps has []
  bool constructed = false;     // an array that stays one item of its path
  bool in_tuples = false;       // a step that binds, or stands behind one that does
  bool in_tail = false;         // a call whose value is that of the function around it
  bool quoted = false;          // a literal that was written as a string
  std::uint32_t position = 0;   // byte in the text
  std::uint32_t height = 1;

  std::string text;  // name, variable, operator
  Value literal;
  std::vector<AstPointer> children;
  std::vector<Stage> predicates;   // applied to the whole value
  std::vector<Stage> stages;       // applied to each value of a step
  std::unique_ptr<Group> members;  // of an object
  std::unique_ptr<Group> group;    // {..} behind it
  std::string focus, index;        // @$focus, #$index
  std::shared_ptr<Ancestor> ancestor;
  std::vector<std::shared_ptr<Ancestor>> seeking;  // % in it that are not resolved yet
  std::vector<std::string> parameters;             // of a lambda
  std::vector<bool> descending;                    // of a sort: for each term
  std::shared_ptr<const Signature> signature;
  std::shared_ptr<const Regex> regex;
};

// A compiled text.
struct Program {
  std::string text;
  AstPointer root;
};

// Fails with a code S....
std::shared_ptr<const Program> parse(std::string_view text);

}  // namespace flowstone::jsonata
