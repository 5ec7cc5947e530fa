// How names are turned into one another.
#pragma once

#include <string>
#include <string_view>

namespace flowstone::schemas {

// "CreateApiKey" -> "create_api_key".
std::string snake_case(std::string_view pascal_case);

// "flowstone.schemas.Task" -> "Task".
std::string_view without_namespace(std::string_view full_name);

// The name among the candidates which a person who wrote `name` most likely meant.
class Suggestion {
 public:
  explicit Suggestion(std::string_view name) : name_(name), distance_(1 + name.size() / 3) {}
  void consider(std::string_view candidate);
  // Empty if none is near.
  [[nodiscard]] std::string_view nearest() const { return nearest_; }

 private:
  std::string_view name_;
  std::size_t distance_;  // the first candidate must be at least this near
  std::string_view nearest_;
};

}  // namespace flowstone::schemas
