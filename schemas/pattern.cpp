#include "schemas/pattern.hpp"

namespace flowstone::schemas {

std::optional<Pattern> Pattern::compile(std::string_view text) {
  try {
    return Pattern(std::regex(text.begin(), text.end(), std::regex::ECMAScript | std::regex::optimize));
  } catch (const std::regex_error&) {
    return std::nullopt;
  }
}

}  // namespace flowstone::schemas
