// On which line of a JSON text each of its values begins.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace flowstone::asl {

// `token` as a part of a JSON pointer.
std::string pointer_token(std::string_view token);

class Places {
 public:
  // `json` must be valid.
  explicit Places(std::string_view json);

  // Of the value or, where there is none, of what would hold it.
  [[nodiscard]] std::uint32_t line_of(std::string_view pointer) const;
  // Members that have the name of one before them in the same object.
  [[nodiscard]] const std::vector<std::string>& repeated() const { return repeated_; }

 private:
  std::unordered_map<std::string, std::uint32_t> lines_;
  std::vector<std::string> repeated_;
};

}  // namespace flowstone::asl
