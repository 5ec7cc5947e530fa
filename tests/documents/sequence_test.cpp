#include "documents/sequence.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace flowstone::documents {
namespace {

using Sequence = std::vector<std::uint64_t>;

std::size_t longest_by_table(const Sequence& a, const Sequence& b) {
  std::vector<std::vector<std::size_t>> table(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j)
      table[i][j] = a[i - 1] == b[j - 1] ? table[i - 1][j - 1] + 1 : std::max(table[i - 1][j], table[i][j - 1]);
  }
  return table[a.size()][b.size()];
}

bool is_common_and_in_order(const std::vector<Run>& runs, const Sequence& a, const Sequence& b) {
  std::uint32_t old_at = 0, new_at = 0;
  for (const auto& run : runs) {
    if (run.count == 0 || run.old_first < old_at || run.new_first < new_at) return false;
    if (run.old_last() > a.size() || run.new_last() > b.size()) return false;
    if (!std::equal(a.begin() + run.old_first, a.begin() + run.old_last(), b.begin() + run.new_first)) return false;
    old_at = run.old_last();
    new_at = run.new_last();
  }
  return true;
}

std::size_t length_of(const std::vector<Run>& runs) {
  return std::accumulate(runs.begin(), runs.end(), std::size_t{0},
                         [](std::size_t sum, const Run& run) { return sum + run.count; });
}

rc::Gen<Sequence> sequences(std::uint64_t kinds) {
  return rc::gen::container<Sequence>(rc::gen::inRange<std::uint64_t>(0, kinds));
}

RC_GTEST_PROP(Sequence, CommonRunsAreALongestCommonSubsequence, ()) {
  const auto kinds = *rc::gen::inRange<std::uint64_t>(1, 12);
  const auto a = *sequences(kinds), b = *sequences(kinds);
  const auto runs = common_runs(a, b);
  RC_ASSERT(is_common_and_in_order(runs, a, b));
  RC_ASSERT(length_of(runs) == longest_by_table(a, b));
}

RC_GTEST_PROP(Sequence, AnchoredRunsAreCommonAndInOrder, ()) {
  const auto kinds = *rc::gen::inRange<std::uint64_t>(1, 60);
  const auto a = *sequences(kinds), b = *sequences(kinds);
  RC_ASSERT(is_common_and_in_order(anchored_runs(a, b, std::vector<std::uint32_t>(a.size(), 1)), a, b));
  RC_ASSERT(length_of(anchored_runs(a, a, std::vector<std::uint32_t>(a.size(), 1))) == a.size());
}

TEST(Sequence, BeyondTheBoundTheAnswerIsStillCommonAndInOrder) {
  Sequence a(20'000), b(20'000);
  std::uint64_t state = 1;
  const auto next = [&] { return (state = state * 6364136223846793005U + 1442695040888963407U) >> 60; };
  std::ranges::generate(a, next);
  std::ranges::generate(b, next);
  const auto runs = common_runs(a, b);
  EXPECT_TRUE(is_common_and_in_order(runs, a, b));
  EXPECT_GT(length_of(runs), 5'000U);
}

RC_GTEST_PROP(Sequence, JoinedRunsHaveTheSameLengthInNoMoreRuns, ()) {
  const auto a = *sequences(4), b = *sequences(4);
  auto runs = common_runs(a, b);
  const auto before = runs;
  join_runs(runs, a, b);
  RC_ASSERT(is_common_and_in_order(runs, a, b));
  RC_ASSERT(length_of(runs) == length_of(before));
  RC_ASSERT(runs.size() <= before.size());
}

TEST(Sequence, ARunThatCanBeBesideTheOtherIs) {
  const Sequence a{1, 2, 9, 8, 2}, b{1, 2};
  std::vector<documents::Run> runs{{0, 0, 1}, {4, 1, 1}};
  join_runs(runs, a, b);
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].count, 2U);
}

TEST(Sequence, AccidentsBetweenLargerChangesAreDropped) {
  std::vector<documents::Run> runs{{0, 0, 2}, {5, 5, 1}, {9, 9, 1}};
  drop_accidents(runs, std::vector<std::uint32_t>(10, 2), std::vector<std::uint32_t>(10, 2));
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[1].old_first, 9U);
}

TEST(Sequence, TheHeavierOfTwoCrossingAnchorsIsKept) {
  const Sequence a{1, 2}, b{2, 1};
  const auto runs = anchored_runs(a, b, std::vector<std::uint32_t>{1, 9});
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].old_first, 1U);
  EXPECT_EQ(runs[0].new_first, 0U);
}

RC_GTEST_PROP(Sequence, AHeaviestChainIsAsHeavyAsTheTableSays, ()) {
  const auto count = *rc::gen::inRange<std::size_t>(0, 30);
  std::vector<WeightedPair> pairs;
  for (std::size_t at = 0; at < count; ++at) {
    pairs.push_back({*rc::gen::inRange<std::uint32_t>(0, 12), *rc::gen::inRange<std::uint32_t>(0, 12),
                     *rc::gen::inRange<std::uint64_t>(1, 9)});
  }
  std::uint64_t table[13][13] = {};
  std::uint64_t heaviest = 0;
  for (std::uint32_t first = 0; first < 13; ++first) {
    for (std::uint32_t second = 0; second < 13; ++second) {
      auto& here = table[first][second];
      if (first > 0) here = std::max(here, table[first - 1][second]);
      if (second > 0) here = std::max(here, table[first][second - 1]);
      if (first == 0 || second == 0) continue;
      for (const auto& pair : pairs) {
        if (pair.first + 1 == first && pair.second + 1 == second)
          here = std::max(here, table[first - 1][second - 1] + pair.weight);
      }
      heaviest = std::max(heaviest, here);
    }
  }
  std::uint64_t found = 0;
  std::optional<WeightedPair> before;
  for (const auto index : heaviest_chain(pairs)) {
    const auto& pair = pairs[index];
    RC_ASSERT(!before || (before->first < pair.first && before->second < pair.second));
    before = pair;
    found += pair.weight;
  }
  RC_ASSERT(found == heaviest);
}

}  // namespace
}  // namespace flowstone::documents
