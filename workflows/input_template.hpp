// A JSON value with JSONata in it: each text `{% ... %}` stands for what the expression yields.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "jsonata/expression.hpp"
#include "workflows/input_schema.hpp"
#include "workflows/source.hpp"

namespace flowstone::workflows {

// Threads: immutable once compiled.
class InputTemplate {
 public:
  // Paths are those below `value`.
  static Result<InputTemplate, std::vector<Misfit>> compile(const Value& value);

  // Members and items whose expression yields nothing are left out; if all of it is one, that is null. A sentence says
  // why an expression failed.
  // Limits: those of `condition_limits`, each expression.
  [[nodiscard]] Result<Value, std::string> fill(const Value& from, const jsonata::Context& context) const;

 private:
  struct Object {
    std::vector<std::string> keys;
    std::vector<InputTemplate> values;
  };
  struct List {
    std::vector<InputTemplate> items;
  };
  InputTemplate() = default;
  static InputTemplate compile_at(const Value& value, const std::string& path, std::vector<Misfit>& misfits);
  static InputTemplate compile_text(const Value& value, const std::string& path, std::vector<Misfit>& misfits);
  [[nodiscard]] Result<Value, std::string> fill_part(const Value& from, const jsonata::Context& context) const;

  std::variant<Value, jsonata::Expression, Object, List> content_;
};

}  // namespace flowstone::workflows
