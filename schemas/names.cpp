#include "schemas/names.hpp"

#include <algorithm>
#include <vector>

namespace flowstone::schemas {
namespace {

constexpr std::size_t kMaxCompared = 64;  // longer names are nobody's slip of the pen

// Levenshtein's: insertions, deletions and substitutions.
std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t substituted = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

bool is_upper(char letter) { return letter >= 'A' && letter <= 'Z'; }

}  // namespace

std::string snake_case(std::string_view pascal_case) {
  std::string snake;
  for (const char letter : pascal_case) {
    if (is_upper(letter) && !snake.empty()) snake.push_back('_');
    snake.push_back(is_upper(letter) ? static_cast<char>(letter - 'A' + 'a') : letter);
  }
  return snake;
}

std::string_view without_namespace(std::string_view full_name) {
  const auto dot = full_name.rfind('.');
  return dot == std::string_view::npos ? full_name : full_name.substr(dot + 1);
}

void Suggestion::consider(std::string_view candidate) {
  if (name_.size() > kMaxCompared || candidate.size() > kMaxCompared) return;
  const std::size_t distance = edit_distance(name_, candidate);
  if (distance > distance_ || (distance == distance_ && !nearest_.empty())) return;
  distance_ = distance;
  nearest_ = candidate;
}

}  // namespace flowstone::schemas
