// Whether a change of words may change what is said.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "documents/text.hpp"
#include "documents/words.hpp"

namespace flowstone::documents {

// From harmless to grave; the gravest of its changes is that of a text.
enum class Materiality : std::uint8_t {
  none,      // white space at most
  cosmetic,  // case and punctuation
  reworded,  // other words
  material,  // numbers, dates, currencies, negations or modals, these also between MUST and must (RFC 2119, RFC 8174):
             // what the words promise may be something else
};
std::string_view name_of(Materiality materiality);

// One change of words: what was there and what is there now; either may be empty.
struct WordChange {
  Span old_span;
  Span new_span;
  std::string before;
  std::string after;
  bool signs = false;  // the sign of a number is part of it
  // All that was compared on that side is in capitals, so that those of MUST say nothing.
  bool old_in_capitals = false;
  bool new_in_capitals = false;
};

// What changed from some words of one text to some words of another, in order; accidental equalities are given up.
std::vector<WordChange> word_changes(const Text& old_text, std::span<const Word> old_words, const Text& new_text,
                                     std::span<const Word> new_words);

Materiality materiality_of(const WordChange& change);
Materiality materiality_of(std::span<const WordChange> changes);

}  // namespace flowstone::documents
