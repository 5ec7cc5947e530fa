// A full-text search, and what it finds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/position.hpp"
#include "documents/text.hpp"

namespace flowstone::projections {

struct SearchQuery {
  std::string workspace{};
  std::string words{};                     // as people write them: words, "phrases", begin*
  std::string bundle{};                    // empty: all
  std::optional<std::uint32_t> version{};  // of that bundle; none: the latest of each
  std::size_t limit = 20;
  std::string cursor{};
};

// A passage of a document in which the words are.
struct SearchHit {
  std::string bundle;
  std::uint32_t version = 0;
  std::string path;
  std::string section;                      // titles above it, joined by " / "
  double score = 0;                         // the more, the better; to be compared within one answer alone
  std::string text;                         // of the document's canonical text, where `span` is
  documents::Span span;                     // in code points of that text, as are the next ones
  std::vector<documents::Span> highlights;  // the words, inside `span`; none if only titles have them
};

struct SearchPage {
  std::vector<SearchHit> hits;  // best first
  std::string next_cursor;
  Position position;
};

}  // namespace flowstone::projections
