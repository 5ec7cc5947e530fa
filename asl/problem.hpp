// What is wrong with a definition, and where.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flowstone::asl {

enum class Severity : std::uint8_t { error, warning };

struct Problem {
  Severity severity = Severity::error;
  std::string code;        // stable: "unknown_field", "no_such_state" ...
  std::string path;        // JSON pointer; empty for the whole document
  std::uint32_t line = 0;  // from 1; 0 where the text is not known
  std::string sentence;
};

using Problems = std::vector<Problem>;

bool has_errors(const Problems& problems);

// "error", "warning"
std::string_view name_of(Severity severity);

}  // namespace flowstone::asl
