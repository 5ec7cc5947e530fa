#include "jsonata/ordering.hpp"

#include <algorithm>
#include <numeric>

#include "jsonata/meter.hpp"

namespace flowstone::jsonata {

std::vector<std::size_t> merge_order(std::size_t count, const std::function<bool(std::size_t, std::size_t)>& after) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<std::size_t> merged(count);
  for (std::size_t width = 1; width < count; width *= 2) {
    for (std::size_t start = 0; start < count; start += 2 * width) {
      const std::size_t middle = std::min(start + width, count);
      const std::size_t end = std::min(middle + width, count);
      std::size_t left = start;
      std::size_t right = middle;
      for (std::size_t out = start; out < end; ++out) {
        bool take_right = left == middle;
        if (left < middle && right < end) {
          spend(1);
          take_right = after(order[left], order[right]);
        }
        merged[out] = take_right ? order[right++] : order[left++];
      }
    }
    order.swap(merged);
  }
  return order;
}

}  // namespace flowstone::jsonata
