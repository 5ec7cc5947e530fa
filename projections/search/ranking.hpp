// The best of the passages that hold the words of a search, chosen while FTS5 finds them.
//
// Order: by bm25 as FTS5 has it, with these differences: in how many passages a word is is counted up to
// kMostCounted and estimated beyond; where one word or phrase alone is asked for, that is not asked at all, for it
// weighs the same in every passage.
// Cost: a look at every passage with the words, at the length of those that may be among the best, and at nothing
// else of them.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "projections/search/database.hpp"
#include "projections/search/match.hpp"

namespace flowstone::projections {

constexpr std::int64_t kMostCounted = 20'000;

struct FoundPassage {
  double score = 0;  // the less, the better
  std::int64_t chunk = 0;
  bool present = true;              // in which of the workspace's tables it is
  std::vector<TokenRange> words{};  // of its text, where they are
  [[nodiscard]] std::pair<double, std::int64_t> order() const { return {score, chunk}; }
};

// What may be among the best.
struct RankingScope {
  const std::unordered_set<std::int64_t>* texts = nullptr;  // passages of these alone; null: of all
  const FoundPassage* after = nullptr;                      // nothing that comes before it; null: all
  std::size_t count = 0;                                    // so many at most
  std::int64_t most_counted = kMostCounted;                 // passages with a word; at least 1
};

// Lets statements on this connection rank; once a connection.
Result<void, std::string> add_ranked_function(Database& database);

// Puts what the expression finds in the workspace's present or past passages into `best`, a heap by `order` whose
// front is the worst.
Result<void, std::string> rank(Database& database, std::int64_t workspace, bool present, const std::string& expression,
                               const RankingScope& scope, std::vector<FoundPassage>& best);

// The lengths of a text's passages in tokens, as `texts` keeps them.
Bytes encode_lengths(const std::vector<std::uint32_t>& tokens);
std::size_t count_of_lengths(BytesView lengths);
// Of the passage with this number within the text; 0 if there is none.
std::uint32_t length_at(BytesView lengths, std::size_t passage);

}  // namespace flowstone::projections
