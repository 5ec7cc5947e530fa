#include "base/regex.hpp"

#include <re2/re2.h>

namespace flowstone {

std::optional<std::string> problem_of_regex(std::string_view text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kRegexMemory);
  const re2::RE2 expression({text.data(), text.size()}, options);
  if (expression.ok()) return std::nullopt;
  return expression.error();
}

}  // namespace flowstone
