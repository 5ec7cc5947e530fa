// The words of a text: what texts are compared by, so that white space and line ends never count.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "documents/text.hpp"

namespace flowstone::documents {

// A word of UAX-29, or one punctuation character.
struct Word {
  std::uint64_t key = 0;    // equal words have equal keys: of the NFC form, case counts, soft hyphens do not
  Span span;                // code points
  std::uint32_t begin = 0;  // the same in bytes
  std::uint32_t end = 0;
};

// In order of the text. White space is no word, and no word reaches across it.
// Cost: ASCII about 1 ms for 100 KB; where other scripts are, ICU's segmentation, some 5 ms.
std::vector<Word> words_of(const Text& text);

// A sentence, heading, table row, line of code, or what else stands for itself: words [first, last).
struct Unit {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  std::uint32_t block = 0;  // units of one paragraph or list item have the same

  [[nodiscard]] std::uint32_t size() const { return last - first; }
};

// Every word belongs to one unit, and units are in order. Blocks are separated by blank lines; a line that begins a
// list item, and each heading, table row and line of fenced code, is a block of its own. Sentences end as UAX-29 says,
// with a line end counting as a space.
std::vector<Unit> units_of(const Text& text, std::span<const Word> words);

// Mixes what identifies a sequence into one number.
constexpr std::uint64_t mix(std::uint64_t seed, std::uint64_t value) {
  seed ^= value + 0x9e3779b97f4a7c15 + (seed << 6) + (seed >> 2);
  seed ^= seed >> 32;
  seed *= 0xd6e8feb86659fd93;
  return seed ^ (seed >> 29);
}

}  // namespace flowstone::documents
