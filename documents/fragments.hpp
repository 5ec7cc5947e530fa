// Long stretches of words that two texts have in common, wherever they stand: what was split off a sentence or joined
// to another is found by them.
#pragma once

#include <vector>

#include "documents/sequence.hpp"

namespace flowstone::documents {

// A stretch is told by a few words in a row that occur once among the free words of each text, and reaches as far as
// the free words are equal. None overlap; the longer is kept.
// Cost: linear.
inline constexpr std::uint32_t kShortestFragment = 5;
std::vector<Run> unique_fragments(Keys old_keys, const std::vector<bool>& old_free, Keys new_keys,
                                  const std::vector<bool>& new_free);

}  // namespace flowstone::documents
