#include "schemas/decode_problems.hpp"

#include <fmt/format.h>

namespace flowstone::schemas {

std::string Place::path() const {
  if (around == nullptr) return std::string(field);
  std::string path = around->path();
  if (item >= 0) return fmt::format("{}[{}]", path, item);
  if (path.empty()) return std::string(field);
  return fmt::format("{}.{}", path, field);
}

}  // namespace flowstone::schemas
