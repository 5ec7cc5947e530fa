// One text of a pair, before anything in it has a partner.
#pragma once

#include <cstdint>
#include <vector>

#include "documents/alignment.hpp"

namespace flowstone::documents {

Side side_of(const Text& text);

// Of each word; of each unit, from the keys of its words; of each word what it tells.
std::vector<std::uint64_t> keys_of(const Side& side);
std::vector<std::uint64_t> unit_keys_of(const Side& side);
std::vector<std::uint32_t> weights_of(const Side& side, const Text& text);
std::uint32_t weight_of_unit(const Side& side, const std::vector<std::uint32_t>& weights, std::uint32_t unit);

// Words that have no partner yet, in units that have none; and a unit in which every word is so.
std::vector<bool> free_words(const Side& side);
bool is_free(const Side& side, std::uint32_t unit);

}  // namespace flowstone::documents
