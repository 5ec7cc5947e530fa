// Where a decoder is in its document, and what it has found wrong so far.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/json.hpp"

namespace flowstone::schemas {

// One step of the path to a value: a field, or an item of a list. Lives on the stack of whoever descends.
struct Place {
  const Place* around = nullptr;
  std::string_view field;
  std::int64_t item = -1;

  // "events[3].artifact.name"
  [[nodiscard]] std::string path() const;
};

class DecodeProblems {
 public:
  static constexpr std::size_t kMaxReported = 50;

  void add(const Place& place, std::string detail) {
    ++found_;
    if (list_.size() < kMaxReported) list_.push_back({place.path(), std::move(detail)});
  }
  [[nodiscard]] bool any() const { return found_ != 0; }
  std::vector<FieldProblem> take() { return std::move(list_); }

 private:
  std::size_t found_ = 0;
  std::vector<FieldProblem> list_;
};

}  // namespace flowstone::schemas
