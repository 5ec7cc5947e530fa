// A field's `pattern`, compiled once.
#pragma once

#include <optional>
#include <regex>
#include <string_view>

namespace flowstone::schemas {

// Threads: immutable. Limits: match only texts of at most kMaxLength characters; the contracts are held to that.
class Pattern {
 public:
  static constexpr std::uint32_t kMaxLength = 1000;

  // Nothing if `text` is not an ECMAScript regular expression.
  static std::optional<Pattern> compile(std::string_view text);
  // True if the whole text matches.
  [[nodiscard]] bool matches(std::string_view text) const {
    return std::regex_match(text.begin(), text.end(), expression_);
  }

 private:
  explicit Pattern(std::regex expression) : expression_(std::move(expression)) {}
  std::regex expression_;
};

}  // namespace flowstone::schemas
