#include "documents/fragments.hpp"

#include <algorithm>
#include <bit>

#include "documents/words.hpp"

namespace flowstone::documents {
namespace {

// Calls `take(place, key)` for each stretch of kShortestFragment free words.
template <class Take>
void each_stretch(Keys keys, const std::vector<bool>& free, Take take) {
  std::uint32_t length = 0;
  for (std::uint32_t at = 0; at < keys.size(); ++at) {
    length = free[at] ? length + 1 : 0;
    if (length < kShortestFragment) continue;
    std::uint64_t key = 0;
    for (std::uint32_t word = at + 1 - kShortestFragment; word <= at; ++word) key = mix(key, keys[word]);
    take(at + 1 - kShortestFragment, key);
  }
}

struct Places {
  std::uint64_t key = 0;
  std::uint32_t old_at = 0, new_at = 0;
  std::uint8_t old_count = 0, new_count = 0;  // 2 stands for more; no old place: the slot is empty
};

// By key, for as many keys as there are words at most.
class Table {
 public:
  explicit Table(std::size_t words) : slots_(std::bit_ceil(2 * words + 2)) {}

  // The slot of the key, or the empty one where it would be.
  Places& operator[](std::uint64_t key) {
    std::size_t at = key & (slots_.size() - 1);
    while (slots_[at].old_count != 0 && slots_[at].key != key) at = (at + 1) & (slots_.size() - 1);
    return slots_[at];
  }

 private:
  std::vector<Places> slots_;
};

}  // namespace

std::vector<Run> unique_fragments(Keys old_keys, const std::vector<bool>& old_free, Keys new_keys,
                                  const std::vector<bool>& new_free) {
  Table places(static_cast<std::size_t>(std::ranges::count(old_free, true)));
  each_stretch(old_keys, old_free, [&](std::uint32_t at, std::uint64_t key) {
    auto& place = places[key];
    place.key = key;
    place.old_at = at;
    place.old_count = static_cast<std::uint8_t>(std::min(place.old_count + 1, 2));
  });
  each_stretch(new_keys, new_free, [&](std::uint32_t at, std::uint64_t key) {
    auto& place = places[key];
    if (place.old_count == 0) return;
    place.new_at = at;
    place.new_count = static_cast<std::uint8_t>(std::min(place.new_count + 1, 2));
  });
  std::vector<Run> found;
  const auto same = [&](std::uint32_t old_at, std::uint32_t new_at) {
    return old_at < old_keys.size() && new_at < new_keys.size() && old_free[old_at] && new_free[new_at] &&
           old_keys[old_at] == new_keys[new_at];
  };
  each_stretch(old_keys, old_free, [&](std::uint32_t at, std::uint64_t key) {
    const auto& place = places[key];
    if (place.old_count != 1 || place.new_count != 1) return;
    const bool covered = !found.empty() && at < found.back().old_last() &&
                         place.new_at - found.back().new_first == at - found.back().old_first;
    if (covered) return;
    Run run{.old_first = at, .new_first = place.new_at, .count = kShortestFragment};
    while (run.old_first > 0 && run.new_first > 0 && same(run.old_first - 1, run.new_first - 1))
      --run.old_first, --run.new_first, ++run.count;
    while (same(run.old_last(), run.new_last())) ++run.count;
    found.push_back(run);
  });
  std::ranges::sort(found, [](const Run& left, const Run& right) {
    return left.count != right.count ? left.count > right.count : left.old_first < right.old_first;
  });
  std::vector<bool> old_taken(old_keys.size()), new_taken(new_keys.size());
  std::vector<Run> kept;
  for (Run run : found) {
    const auto taken = [&](std::uint32_t step) {
      return old_taken[run.old_first + step] || new_taken[run.new_first + step];
    };
    while (run.count > 0 && taken(0)) ++run.old_first, ++run.new_first, --run.count;
    while (run.count > 0 && taken(run.count - 1)) --run.count;
    if (run.count < kShortestFragment) continue;
    for (std::uint32_t step = 0; step < run.count; ++step)
      old_taken[run.old_first + step] = new_taken[run.new_first + step] = true;
    kept.push_back(run);
  }
  std::ranges::sort(kept, {}, &Run::old_first);
  return kept;
}

}  // namespace flowstone::documents
