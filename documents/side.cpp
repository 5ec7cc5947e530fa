#include "documents/side.hpp"

#include <algorithm>

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

std::vector<std::uint64_t> keys_in_place(const Side& side, const std::vector<std::uint64_t>& keys,
                                         const std::vector<std::uint32_t>& hunks, const std::vector<bool>& in_place) {
  std::vector<std::uint64_t> salted(keys.size());
  std::uint64_t passed = 0;
  for (std::uint32_t word = 0; word < keys.size(); ++word) {
    salted[word] = mix(keys[word], mix(hunks[side.unit_of[word]], passed));
    passed += in_place[word] ? 1 : 0;
  }
  return salted;
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

UnitList unmatched_units(const Side& side, const Text& text, const std::vector<std::uint32_t>& hunks,
                         std::vector<std::uint32_t>& indices) {
  UnitList list{.text = &text, .words = side.words, .units = {}, .hunks = {}};
  for (std::uint32_t unit = 0; unit < side.units.size(); ++unit) {
    if (side.unit_partner[unit] != kNone) continue;
    indices.push_back(unit);
    list.units.push_back(side.units[unit]);
    list.hunks.push_back(hunks[unit]);
  }
  return list;
}

bool begins_unit(const Side& side, std::uint32_t word) { return word == side.units[side.unit_of[word]].first; }

bool ends_unit(const Side& side, std::uint32_t word) { return word + 1 == side.units[side.unit_of[word]].last; }

std::uint32_t weight_of_unit(const Side& side, const std::vector<std::uint32_t>& weights, std::uint32_t unit) {
  std::uint32_t sum = 0;
  for (std::uint32_t word = side.units[unit].first; word < side.units[unit].last; ++word) sum += weights[word];
  return sum;
}

}  // namespace flowstone::documents
