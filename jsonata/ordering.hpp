// A stable merge sort that stays in bounds whatever the comparison says: it may be somebody's expression.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace flowstone::jsonata {

// The places of `count` items in their order. `after(a, b)`: item a, which stands before b, goes behind it.
std::vector<std::size_t> merge_order(std::size_t count, const std::function<bool(std::size_t, std::size_t)>& after);

}  // namespace flowstone::jsonata
