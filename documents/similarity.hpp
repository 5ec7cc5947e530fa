// How much two units have in common, whatever their order: which sentence became which.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "documents/words.hpp"

namespace flowstone::documents {

// What a word tells about its sentence: punctuation 1, a word of up to three bytes 2, any longer 4.
std::uint32_t weight_of(const Word& word, const Text& text);

// Units that may have become each other, by their places in the lists given.
struct Candidate {
  std::uint32_t old_at = 0;
  std::uint32_t new_at = 0;
  double alike = 0;  // twice the weight in common, through the weight of both: 0 to 1
};

struct UnitList {
  const Text* text = nullptr;
  std::span<const Word> words;
  std::vector<Unit> units;
  std::vector<std::uint32_t> hunks;  // of each unit: units of one hunk stand in the same place
};

// Pairs that are alike by at least `least`: those that share rare words or pairs of words, and neighbours in a hunk.
// Cost: linear in the words; each unit is compared with at most kMostCandidates others.
inline constexpr std::size_t kMostCandidates = 12;
std::vector<Candidate> similar_units(const UnitList& old_units, const UnitList& new_units, double least);

}  // namespace flowstone::documents
