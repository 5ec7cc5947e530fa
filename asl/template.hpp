// A JSON value with holes that are filled in when a state runs: paths, intrinsic calls, JSONata expressions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "asl/query.hpp"
#include "jsonata/expression.hpp"

namespace flowstone::asl {

class Template {
 public:
  struct Key {
    std::string name;   // without `.$`
    std::string field;  // as it is written
  };
  struct Object {
    std::vector<Key> keys;
    std::vector<Template> values;  // one for each key
  };
  struct List {
    std::vector<Template> items;
  };
  using Content = std::variant<Value, Query, jsonata::Expression, Object, List>;

  Template() : content_(Value()) {}
  explicit Template(Content content) : content_(std::move(content)) {}

  [[nodiscard]] const Content& content() const { return content_; }
  // The value of a template without holes; null pointer if it has any.
  [[nodiscard]] const Value* literal() const { return std::get_if<Value>(&content_); }
  [[nodiscard]] const Query* query() const { return std::get_if<Query>(&content_); }
  [[nodiscard]] const jsonata::Expression* expression() const { return std::get_if<jsonata::Expression>(&content_); }

 private:
  Content content_;
};

// "{% ... %}"
bool is_expression(std::string_view text);

}  // namespace flowstone::asl
