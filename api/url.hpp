// The request target: a path of decoded segments and a query of named values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/problem.hpp"
#include "base/result.hpp"

namespace flowstone::api {

// %XX to bytes; with `plus_is_space`, as in a query. Nothing for a broken escape or a NUL.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

// The named values of a query, each name at most once.
// Limits: 64 parameters.
class QueryParameters {
 public:
  static Result<QueryParameters, Problem> parse(std::string_view query);

  // The value, marking the name as understood; nothing if absent.
  std::optional<std::string_view> take(std::string_view name);
  // The first name that nobody took.
  [[nodiscard]] std::optional<std::string_view> unknown() const;

  struct Parameter {
    std::string name, value;
    bool taken = false;
  };
  [[nodiscard]] std::vector<Parameter>& all() { return parameters_; }

 private:
  std::vector<Parameter> parameters_;
};

struct Target {
  std::string_view path;   // still encoded
  std::string_view query;  // still encoded, without its `?`
};
// Takes the origin form, and the absolute form of which it keeps the path.
std::optional<Target> split_target(std::string_view target);

}  // namespace flowstone::api
