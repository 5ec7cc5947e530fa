#include "documents/side.hpp"

#include <algorithm>

#include "documents/similarity.hpp"

namespace flowstone::documents {

Side side_of(const Text& text) {
  Side side;
  side.words = words_of(text);
  side.units = units_of(text, side.words);
  side.unit_of.resize(side.words.size());
  for (std::uint32_t unit = 0; unit < side.units.size(); ++unit)
    std::fill(side.unit_of.begin() + side.units[unit].first, side.unit_of.begin() + side.units[unit].last, unit);
  side.partner.assign(side.words.size(), kNone);
  side.unit_partner.assign(side.units.size(), kNone);
  side.unit_move.assign(side.units.size(), 0);
  return side;
}

std::vector<std::uint64_t> keys_of(const Side& side) {
  std::vector<std::uint64_t> keys;
  keys.reserve(side.words.size());
  for (const auto& word : side.words) keys.push_back(word.key);
  return keys;
}

std::vector<std::uint64_t> unit_keys_of(const Side& side) {
  std::vector<std::uint64_t> keys;
  keys.reserve(side.units.size());
  for (const auto& unit : side.units) {
    std::uint64_t key = unit.size();
    for (std::uint32_t word = unit.first; word < unit.last; ++word) key = mix(key, side.words[word].key);
    keys.push_back(key);
  }
  return keys;
}

std::vector<std::uint32_t> weights_of(const Side& side, const Text& text) {
  std::vector<std::uint32_t> weights;
  weights.reserve(side.words.size());
  for (const auto& word : side.words) weights.push_back(weight_of(word, text));
  return weights;
}

std::vector<bool> free_words(const Side& side) {
  std::vector<bool> free(side.words.size());
  for (std::uint32_t word = 0; word < free.size(); ++word)
    free[word] = side.partner[word] == kNone && side.unit_partner[side.unit_of[word]] == kNone;
  return free;
}

// Neither it nor any of its words has a partner.
bool is_free(const Side& side, std::uint32_t unit) {
  const auto first = side.partner.begin() + side.units[unit].first, last = side.partner.begin() + side.units[unit].last;
  return side.unit_partner[unit] == kNone && std::all_of(first, last, [](std::uint32_t word) { return word == kNone; });
}

std::uint32_t weight_of_unit(const Side& side, const std::vector<std::uint32_t>& weights, std::uint32_t unit) {
  std::uint32_t sum = 0;
  for (std::uint32_t word = side.units[unit].first; word < side.units[unit].last; ++word) sum += weights[word];
  return sum;
}

}  // namespace flowstone::documents
