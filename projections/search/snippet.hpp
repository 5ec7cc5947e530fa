// The part of a passage that shows best why it was found.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "documents/text.hpp"
#include "projections/search/match.hpp"

namespace flowstone::projections {

struct Snippet {
  std::string text;
  documents::Span span;                     // of the document's canonical text
  std::vector<documents::Span> highlights;  // of that text too, inside `span`
};

// At most about 300 bytes, cut between words, around as many matches as fit. `start` is the code point of the document
// at which the passage begins; `matches` are in order.
Snippet snippet_of(std::string_view passage, std::uint32_t start, const std::vector<ByteRange>& matches);

}  // namespace flowstone::projections
