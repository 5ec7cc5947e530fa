// What is wrong with a definition, and where in its text.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "asl/problem.hpp"

namespace flowstone::workflows {

using asl::Severity;

// In a text: both from 1; columns count characters (code points).
struct Place {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  auto operator<=>(const Place&) const = default;
};

struct Problem {
  Severity severity = Severity::error;
  std::string code;  // stable: "unknown_field", "no_such_state" ...
  std::string path;  // JSON pointer; empty for the whole document
  Place place;
  std::string sentence;
};

using Problems = std::vector<Problem>;

inline bool has_errors(const Problems& problems) {
  return std::ranges::any_of(problems, [](const Problem& each) { return each.severity == Severity::error; });
}

}  // namespace flowstone::workflows
