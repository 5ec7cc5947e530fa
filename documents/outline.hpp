// Sections from headings.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "documents/parsed.hpp"

namespace flowstone::documents {

// The outline of the heading blocks in `parsed.blocks`.
std::vector<OutlineEntry> outline_of(const Parsed& parsed);

// Answers which section a place is in. Lifetime: of `parsed`.
class Sections {
 public:
  explicit Sections(const Parsed& parsed);

  // Indices into the outline, outermost first; empty before the first heading.
  [[nodiscard]] std::vector<std::uint32_t> path_at(std::uint32_t code_point) const;
  // Titles joined by " / ": "Terms / Payment". Empty before the first heading.
  [[nodiscard]] std::string title_path(std::uint32_t code_point) const;

 private:
  const Parsed& parsed_;
  std::vector<std::int32_t> parents_;  // of each outline entry, -1 at the top
};

}  // namespace flowstone::documents
