// One text of a pair, before anything in it has a partner.
#pragma once

#include <cstdint>
#include <vector>

#include "documents/alignment.hpp"
#include "documents/similarity.hpp"

namespace flowstone::documents {

Side side_of(const Text& text);

// Of each word; of each unit, from the keys of its words; of each word what it tells.
std::vector<std::uint64_t> keys_of(const Side& side);
std::vector<std::uint64_t> unit_keys_of(const Side& side);
// Keys of words that are equal only within one hunk, behind the same words in place.
std::vector<std::uint64_t> keys_in_place(const Side& side, const std::vector<std::uint64_t>& keys,
                                         const std::vector<std::uint32_t>& hunks, const std::vector<bool>& in_place);
std::vector<std::uint32_t> weights_of(const Side& side, const Text& text);
std::uint32_t weight_of_unit(const Side& side, const std::vector<std::uint32_t>& weights, std::uint32_t unit);

// Words that have no partner yet, in units that have none; and a unit in which every word is so.
std::vector<bool> free_words(const Side& side);
bool is_free(const Side& side, std::uint32_t unit);
// Those without a partner; their numbers are added to `indices`.
UnitList unmatched_units(const Side& side, const Text& text, const std::vector<std::uint32_t>& hunks,
                         std::vector<std::uint32_t>& indices);
bool begins_unit(const Side& side, std::uint32_t word);
bool ends_unit(const Side& side, std::uint32_t word);

}  // namespace flowstone::documents
