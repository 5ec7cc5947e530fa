// Which words of an old text are which words of a new one: the ground that diffs and anchors stand on.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "documents/words.hpp"

namespace flowstone::documents {

inline constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

// One text of a pair, cut into words and units, and what became of each.
struct Side {
  std::vector<Word> words;
  std::vector<Unit> units;
  std::vector<std::uint32_t> unit_of;       // of each word
  std::vector<std::uint32_t> partner;       // of each word: the same word of the other text; kNone: it has none
  std::vector<std::uint32_t> unit_partner;  // of each unit: what it became or came from, edited perhaps; kNone
  std::vector<std::uint32_t> unit_move;     // of each unit with a partner: the move it is part of; 0 in place
};

// Partners are one to one: a word of the new text is *owned* by one word of the old text, and what is owned cannot be
// what some other words became. Words in place increase in both texts; those of one move do among themselves.
//
// Found in this order: units that are equal in order; equal units elsewhere (moves); units that became each other in
// their place, or moved and edited; the words inside such pairs; words of what is left where sentences were split or
// joined. Accidental equalities are given up.
// Order: a function of both texts; moves are numbered from 1 in the order of the old text.
// Cost: some 10 ms for two texts of 100 KB, some 40 ms where nothing stayed; every search has a bound.
struct Alignment {
  Side old_side;
  Side new_side;
  std::vector<std::uint32_t> move_of;  // of each old word that has a partner: 0 in place
  std::uint32_t moves = 0;             // of units; fragments of sentences that moved have numbers above
};

Alignment align(const Text& old_text, const Text& new_text);

}  // namespace flowstone::documents
