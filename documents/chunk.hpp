// Pieces of a document for search: whole paragraphs of one section.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "documents/parsed.hpp"

namespace flowstone::documents {

struct ChunkSizes {
  std::uint32_t least = 1'000;  // code points: below it the next block of the section joins
  std::uint32_t most = 2'000;   // a block above it is cut at a sentence, or else between words
};

struct Chunk {
  std::string id;       // hexadecimal SHA-256 of section path and text: what did not change keeps its id
  std::string section;  // titles joined by " / "
  Span span;
  std::string text;  // as a reader sees it

  bool operator==(const Chunk&) const = default;
};

// Order: as in the document; chunks do not overlap and never cross the beginning of a section.
std::vector<Chunk> chunks_of(const Parsed& parsed, const ChunkSizes& sizes = {});

}  // namespace flowstone::documents
