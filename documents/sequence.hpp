// What two sequences of keys have in common, in order.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace flowstone::documents {

// `count` keys that are the same, from `old_first` and from `new_first`.
struct Run {
  std::uint32_t old_first = 0;
  std::uint32_t new_first = 0;
  std::uint32_t count = 0;

  [[nodiscard]] std::uint32_t old_last() const { return old_first + count; }
  [[nodiscard]] std::uint32_t new_last() const { return new_first + count; }
};

using Keys = std::span<const std::uint64_t>;

// A longest common subsequence by Myers' O(ND) in linear space. Runs are increasing in both and as long as they get.
// Cost: O((n + m) * min(D, kMostEdits)): beyond kMostEdits in one stretch the longest way found so far is taken, so
// that the answer is common and in order still, but perhaps not the longest.
inline constexpr std::int32_t kMostEdits = 600;
std::vector<Run> common_runs(Keys old_keys, Keys new_keys);

// The same for long sequences whose order may have changed: keys that are unique in both anchor the rest, those that
// weigh most together and are in order in both; between them once more, and where nothing is unique `common_runs`.
// `weights` has one number for each old key.
std::vector<Run> anchored_runs(Keys old_keys, Keys new_keys, std::span<const std::uint32_t> weights);

// Joins runs where nothing but an insertion or deletion is between them and one can as well be beside the other: in
// "a b b", of which one b is new, it is the last.
void join_runs(std::vector<Run>& runs, Keys old_keys, Keys new_keys);

// Gives up runs between larger changes: where a run weighs at most half of what changed before it, and of what changed
// behind it, its words are the same by accident, and a reader is better served without it.
void drop_accidents(std::vector<Run>& runs, std::span<const std::uint32_t> old_weights,
                    std::span<const std::uint32_t> new_weights);

// Pairs (first, second) with the greatest sum of weights that increase in both; indices into `pairs`, in order.
struct WeightedPair {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  std::uint64_t weight = 0;
};
std::vector<std::size_t> heaviest_chain(std::span<const WeightedPair> pairs);

}  // namespace flowstone::documents
