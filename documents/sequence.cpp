#include "documents/sequence.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <unordered_map>

namespace flowstone::documents {
namespace {

struct Range {
  std::uint32_t old_first = 0, old_last = 0, new_first = 0, new_last = 0;
  [[nodiscard]] bool one_sided() const { return old_first >= old_last || new_first >= new_last; }
};

// Runs that come in order; those that touch become one.
class Found {
 public:
  void add(Run run) {
    if (run.count == 0) return;
    if (!runs_.empty() && runs_.back().old_last() == run.old_first && runs_.back().new_last() == run.new_first) {
      runs_.back().count += run.count;
    } else {
      runs_.push_back(run);
    }
  }
  std::vector<Run> take() { return std::move(runs_); }

 private:
  std::vector<Run> runs_;
};

// Takes the common beginning into `found`, cuts the common end off and returns it.
Run trim(Keys old_keys, Keys new_keys, Range& range, Found& found) {
  Run begin{.old_first = range.old_first, .new_first = range.new_first, .count = 0};
  while (!range.one_sided() && old_keys[range.old_first] == new_keys[range.new_first]) {
    ++range.old_first;
    ++range.new_first;
    ++begin.count;
  }
  found.add(begin);
  Run end{.old_first = range.old_last, .new_first = range.new_last, .count = 0};
  while (!range.one_sided() && old_keys[range.old_last - 1] == new_keys[range.new_last - 1]) {
    end = {.old_first = --range.old_last, .new_first = --range.new_last, .count = end.count + 1};
  }
  return end;
}

class Myers {
 public:
  Myers(Keys old_keys, Keys new_keys, Found& found) : old_(old_keys), new_(new_keys), found_(found) {}

  void run(Range range) {
    while (true) {
      const Run end = trim(old_, new_, range, found_);
      if (range.one_sided()) {
        found_.add(end);
        return;
      }
      const auto [x, y] = split(range);
      const bool stuck = x + y == 0 || (x == range.old_last - range.old_first && y == range.new_last - range.new_first);
      if (stuck) {
        found_.add(end);
        return;
      }
      run({range.old_first, range.old_first + x, range.new_first, range.new_first + y});
      if (end.count == 0) {
        range.old_first += x;
        range.new_first += y;
        continue;
      }
      run({range.old_first + x, range.old_last, range.new_first + y, range.new_last});
      found_.add(end);
      return;
    }
  }

 private:
  struct Point {
    std::uint32_t x = 0, y = 0;
  };

  // A point on a shortest way through the range, or on the furthest that kMostEdits reach.
  Point split(const Range& range) {
    n_ = static_cast<std::int32_t>(range.old_last - range.old_first);
    m_ = static_cast<std::int32_t>(range.new_last - range.new_first);
    a_ = old_.data() + range.old_first;
    b_ = new_.data() + range.new_first;
    const auto room = static_cast<std::size_t>(2 * (std::min(n_ + m_, 2 * kMostEdits) + 2) + 1);
    forward_.assign(room, -1);
    backward_.assign(room, std::numeric_limits<std::int32_t>::max());
    middle_ = static_cast<std::int32_t>(room / 2);
    forward_low_ = forward_high_ = backward_low_ = backward_high_ = 0;
    forward(0) = 0;
    backward(0) = n_;
    extend_forward(0);
    extend_backward(0);
    for (std::int32_t edits = 1;; ++edits) {
      if (const auto met = step_forward()) return *met;
      if (const auto met = step_backward()) return *met;
      if (edits >= kMostEdits) return furthest();
    }
  }

  // Both count diagonals from their own corner: backward's 0 is forward's n - m.
  std::int32_t& forward(std::int32_t diagonal) { return forward_[static_cast<std::size_t>(diagonal + middle_)]; }
  std::int32_t& backward(std::int32_t diagonal) { return backward_[static_cast<std::size_t>(diagonal + middle_)]; }

  void extend_forward(std::int32_t k) {
    std::int32_t x = forward(k), y = x - k;
    while (x < n_ && y < m_ && a_[x] == b_[y]) ++x, ++y;
    forward(k) = x;
  }
  void extend_backward(std::int32_t k) {
    std::int32_t x = backward(k), y = x - k - (n_ - m_);
    while (x > 0 && y > 0 && x <= n_ && y <= m_ && a_[x - 1] == b_[y - 1]) --x, --y;
    backward(k) = x;
  }

  std::optional<Point> step_forward() {
    forward_low_ > -m_ ? forward(--forward_low_ - 1) = -1 : ++forward_low_;
    forward_high_ < n_ ? forward(++forward_high_ + 1) = -1 : --forward_high_;
    for (std::int32_t k = forward_high_; k >= forward_low_; k -= 2) {
      forward(k) = forward(k - 1) >= forward(k + 1) ? forward(k - 1) + 1 : forward(k + 1);
      extend_forward(k);
      const std::int32_t other = k - (n_ - m_);
      const bool odd = ((n_ - m_) & 1) != 0;
      if (odd && backward_low_ <= other && other <= backward_high_ && backward(other) <= forward(k)) {
        if (const auto met = inside(forward(k), forward(k) - k)) return met;
      }
    }
    return std::nullopt;
  }

  std::optional<Point> step_backward() {
    constexpr std::int32_t kFar = std::numeric_limits<std::int32_t>::max();
    backward_low_ > -n_ ? backward(--backward_low_ - 1) = kFar : ++backward_low_;
    backward_high_ < m_ ? backward(++backward_high_ + 1) = kFar : --backward_high_;
    for (std::int32_t k = backward_high_; k >= backward_low_; k -= 2) {
      backward(k) = backward(k - 1) < backward(k + 1) ? backward(k - 1) : backward(k + 1) - 1;
      extend_backward(k);
      const std::int32_t other = k + (n_ - m_);
      const bool even = ((n_ - m_) & 1) == 0;
      if (even && forward_low_ <= other && other <= forward_high_ && backward(k) <= forward(other)) {
        if (const auto met = inside(backward(k), backward(k) - other)) return met;
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Point> inside(std::int32_t x, std::int32_t y) const {
    if (x < 0 || y < 0 || x > n_ || y > m_) return std::nullopt;
    return Point{.x = static_cast<std::uint32_t>(x), .y = static_cast<std::uint32_t>(y)};
  }

  Point furthest() {
    Point best;
    for (std::int32_t k = forward_high_; k >= forward_low_; k -= 2) {
      const auto point = inside(forward(k), forward(k) - k);
      if (point && point->x + point->y > best.x + best.y) best = *point;
    }
    return best;
  }

  Keys old_, new_;
  Found& found_;
  std::vector<std::int32_t> forward_, backward_;
  const std::uint64_t* a_ = nullptr;
  const std::uint64_t* b_ = nullptr;
  std::int32_t n_ = 0, m_ = 0, middle_ = 0;
  std::int32_t forward_low_ = 0, forward_high_ = 0, backward_low_ = 0, backward_high_ = 0;
};

class Anchored {
 public:
  Anchored(Keys old_keys, Keys new_keys, std::span<const std::uint32_t> weights, Found& found)
      : old_(old_keys), new_(new_keys), weights_(weights), found_(found) {}

  void run(Range range, int depth) {
    const Run end = trim(old_, new_, range, found_);
    if (!range.one_sided()) {
      const auto anchors = depth < kDeepest ? anchors_in(range) : std::vector<WeightedPair>{};
      if (anchors.empty()) {
        Myers(old_, new_, found_).run(range);
      } else {
        Range before = range;
        for (const auto& anchor : anchors) {
          before.old_last = anchor.first;
          before.new_last = anchor.second;
          run(before, depth + 1);
          found_.add({.old_first = anchor.first, .new_first = anchor.second, .count = 1});
          before = {anchor.first + 1, range.old_last, anchor.second + 1, range.new_last};
        }
        run(before, depth + 1);
      }
    }
    found_.add(end);
  }

 private:
  static constexpr int kDeepest = 32;

  struct Places {
    std::uint32_t old_count = 0, old_at = 0, new_count = 0, new_at = 0;
  };

  std::vector<WeightedPair> anchors_in(const Range& range) {
    std::unordered_map<std::uint64_t, Places> places;
    places.reserve(range.old_last - range.old_first);
    for (std::uint32_t at = range.old_first; at < range.old_last; ++at) {
      auto& place = places[old_[at]];
      ++place.old_count;
      place.old_at = at;
    }
    for (std::uint32_t at = range.new_first; at < range.new_last; ++at) {
      const auto place = places.find(new_[at]);
      if (place == places.end()) continue;
      ++place->second.new_count;
      place->second.new_at = at;
    }
    std::vector<WeightedPair> unique;
    for (std::uint32_t at = range.old_first; at < range.old_last; ++at) {
      const auto& place = places[old_[at]];
      if (place.old_count == 1 && place.new_count == 1) unique.push_back({at, place.new_at, weights_[at] + 1});
    }
    std::vector<WeightedPair> chain;
    for (const std::size_t index : heaviest_chain(unique)) chain.push_back(unique[index]);
    return chain;
  }

  Keys old_, new_;
  std::span<const std::uint32_t> weights_;
  Found& found_;
};

}  // namespace

std::vector<Run> common_runs(Keys old_keys, Keys new_keys) {
  Found found;
  Myers(old_keys, new_keys, found)
      .run({0, static_cast<std::uint32_t>(old_keys.size()), 0, static_cast<std::uint32_t>(new_keys.size())});
  return found.take();
}

std::vector<Run> anchored_runs(Keys old_keys, Keys new_keys, std::span<const std::uint32_t> weights) {
  Found found;
  Anchored(old_keys, new_keys, weights, found)
      .run({0, static_cast<std::uint32_t>(old_keys.size()), 0, static_cast<std::uint32_t>(new_keys.size())}, 0);
  return found.take();
}

void join_runs(std::vector<Run>& runs, Keys old_keys, Keys new_keys) {
  const auto equal = [&](std::uint32_t old_first, std::uint32_t new_first, std::uint32_t count) {
    return std::ranges::equal(old_keys.subspan(old_first, count), new_keys.subspan(new_first, count));
  };
  std::vector<Run> joined;
  for (const Run& next : runs) {
    Run run = next;
    while (!joined.empty()) {
      const Run before = joined.back();
      const std::uint32_t old_gap = run.old_first - before.old_last(), new_gap = run.new_first - before.new_last();
      if (old_gap != 0 && new_gap != 0) break;
      const std::uint32_t whole = before.count + run.count;
      const bool first_fits = old_gap + new_gap == 0 || equal(before.old_last(), before.new_last(), run.count);
      const bool last_fits = run.old_first >= before.count && run.new_first >= before.count &&
                             equal(run.old_first - before.count, run.new_first - before.count, before.count);
      if (first_fits) {
        run = {.old_first = before.old_first, .new_first = before.new_first, .count = whole};
      } else if (last_fits) {
        run = {.old_first = run.old_first - before.count, .new_first = run.new_first - before.count, .count = whole};
      } else {
        break;
      }
      joined.pop_back();
    }
    joined.push_back(run);
  }
  runs = std::move(joined);
}

void drop_accidents(std::vector<Run>& runs, std::span<const std::uint32_t> old_weights,
                    std::span<const std::uint32_t> new_weights) {
  const auto sums = [](std::span<const std::uint32_t> weights) {
    std::vector<std::uint64_t> sum{0};
    sum.reserve(weights.size() + 1);
    for (const std::uint32_t weight : weights) sum.push_back(sum.back() + weight);
    return sum;
  };
  const auto old_sum = sums(old_weights), new_sum = sums(new_weights);
  const auto changed = [&](std::uint32_t old_first, std::uint32_t old_last, std::uint32_t new_first,
                           std::uint32_t new_last) {
    return std::max(old_sum[old_last] - old_sum[old_first], new_sum[new_last] - new_sum[new_first]);
  };
  const auto old_size = static_cast<std::uint32_t>(old_weights.size());
  const auto new_size = static_cast<std::uint32_t>(new_weights.size());
  for (bool dropped = true; dropped;) {
    dropped = false;
    std::vector<Run> kept;
    for (std::size_t at = 0; at < runs.size(); ++at) {
      const Run before = kept.empty() ? Run{} : kept.back();
      const Run after =
          at + 1 < runs.size() ? runs[at + 1] : Run{.old_first = old_size, .new_first = new_size, .count = 0};
      const std::uint64_t weight = old_sum[runs[at].old_last()] - old_sum[runs[at].old_first];
      const bool accident =
          2 * weight <= changed(before.old_last(), runs[at].old_first, before.new_last(), runs[at].new_first) &&
          2 * weight <= changed(runs[at].old_last(), after.old_first, runs[at].new_last(), after.new_first);
      if (accident) {
        dropped = true;
      } else {
        kept.push_back(runs[at]);
      }
    }
    runs = std::move(kept);
  }
}

std::vector<std::size_t> heaviest_chain(std::span<const WeightedPair> pairs) {
  std::vector<std::size_t> order(pairs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // Of one first only one second can be taken: the greater come earlier, so that none is built upon another.
  std::ranges::sort(order, [&](std::size_t left, std::size_t right) {
    return pairs[left].first != pairs[right].first ? pairs[left].first < pairs[right].first
                                                   : pairs[left].second > pairs[right].second;
  });
  constexpr std::size_t kNothing = std::numeric_limits<std::size_t>::max();
  std::uint32_t most = 0;
  for (const auto& pair : pairs) most = std::max(most, pair.second);
  // A Fenwick tree over `second`: the best chain that ends at or before it.
  std::vector<std::size_t> best(pairs.empty() ? 0 : std::size_t{most} + 2, kNothing);
  std::vector<std::uint64_t> total(pairs.size());
  std::vector<std::size_t> before(pairs.size(), kNothing);
  for (const std::size_t index : order) {
    const auto& pair = pairs[index];
    for (std::size_t at = pair.second; at > 0; at -= at & (~at + 1)) {
      if (best[at] != kNothing && (before[index] == kNothing || total[best[at]] > total[before[index]]))
        before[index] = best[at];
    }
    total[index] = pair.weight + (before[index] == kNothing ? 0 : total[before[index]]);
    for (std::size_t at = pair.second + std::size_t{1}; at < best.size(); at += at & (~at + 1)) {
      if (best[at] == kNothing || total[best[at]] < total[index]) best[at] = index;
    }
  }
  std::size_t last = kNothing;
  for (std::size_t index = 0; index < pairs.size(); ++index) {
    if (last == kNothing || total[index] > total[last]) last = index;
  }
  std::vector<std::size_t> chain;
  for (; last != kNothing; last = before[last]) chain.push_back(last);
  std::ranges::reverse(chain);
  return chain;
}

}  // namespace flowstone::documents
