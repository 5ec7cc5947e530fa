// Reads paths; for path.cpp and for what has paths inside: intrinsic calls.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "asl/path.hpp"

namespace flowstone::asl {

class PathParser {
 public:
  explicit PathParser(std::string_view text) : text_(text) {}

  // The whole text must be one path.
  Result<Path, std::string> parse_whole();
  // A path at the beginning of the text; `length` is where it ends.
  Result<Path, std::string> parse_prefix(std::size_t& length);

 private:
  using Filter = Result<PathFilter, std::string>;

  Result<Path, std::string> path(std::uint32_t nesting);
  Result<PathStep, std::string> step(std::uint32_t nesting);
  Result<PathStep, std::string> bracket(std::uint32_t nesting);
  Result<PathStep, std::string> names_in_bracket();
  Result<PathStep, std::string> numbers_in_bracket();
  Result<std::string, std::string> quoted();
  std::string dotted_name();
  std::string variable_name();
  std::optional<std::int64_t> integer();

  Filter any_of(std::uint32_t nesting);
  Filter all_of(std::uint32_t nesting);
  Filter term(std::uint32_t nesting);
  Result<PathFilter::Operand, std::string> operand(std::uint32_t nesting);
  std::optional<PathFilter::Kind> comparison();

  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool take(std::string_view word);
  void skip_spaces();
  [[nodiscard]] std::string wrong(std::string_view what) const;

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace flowstone::asl
