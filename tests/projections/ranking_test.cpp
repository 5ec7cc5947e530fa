// Which passages are the best ones: those that FTS5's own bm25 says are.
#include "projections/search/ranking.hpp"

#include <algorithm>
#include <bit>
#include <filesystem>
#include <optional>
#include <random>
#include <unordered_set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eventstore/scratch_directory.hpp"
#include "projections/search/build_file.hpp"

namespace flowstone::projections {
namespace {

constexpr std::int64_t kFirstWorkspace = 1;

class RankingOfPassages : public testing::Test {
 protected:
  // Ten documents of passages of different lengths, in which the word w<n> is the rarer, the greater n is.
  void SetUp() override {
    auto writer = std::move(SearchWriter::open(file_)).value();
    std::mt19937 random(7);
    Checkpoint checkpoint;
    std::vector<SearchDocument> documents;
    for (int at = 0; at < 10; ++at)
      documents.push_back({.path = std::to_string(at), .text = sha256(std::to_string(at))});
    ASSERT_TRUE(writer.begin());
    const auto chunks = [&random](std::size_t) -> Result<std::vector<SearchChunk>, std::string> {
      std::vector<SearchChunk> made(20);
      for (SearchChunk& chunk : made) {
        chunk.section = fmt::format("w{} title", random() % 4);
        for (std::size_t words = 3 + random() % 60; words > 0; --words)
          chunk.text += fmt::format("w{} ", std::countr_zero(random() | 1U << 8U));
      }
      return made;
    };
    ASSERT_TRUE(writer.publish({"w", "b", 1}, documents, chunks, checkpoint));
    ASSERT_TRUE(writer.commit(checkpoint));
    database_.emplace(std::move(Database::open(file_, Database::Access::read)).value());
    ASSERT_TRUE(add_ranked_function(*database_));
  }

  std::vector<FoundPassage> ranked(const std::string& words, RankingScope scope) {
    std::vector<FoundPassage> best;
    const auto done = rank(*database_, kFirstWorkspace, true, *match_expression(*database_, words), scope, best);
    EXPECT_TRUE(done) << done.error();
    std::ranges::sort(best, {}, &FoundPassage::order);
    return best;
  }
  std::vector<std::pair<double, std::int64_t>> of_fts5(const std::string& words) {
    auto asked = std::move(database_->prepare("SELECT bm25(present_1, 0.6, 1.0) AS score, rowid FROM present_1 WHERE "
                                              "present_1 MATCH ?1 ORDER BY score, rowid"))
                     .value();
    asked.bind(1, *match_expression(*database_, words));
    std::vector<std::pair<double, std::int64_t>> rows;
    while (*asked.step()) rows.emplace_back(asked.real(0), asked.integer(1));
    return rows;
  }

  const eventstore::ScratchDirectory directory_{"flowstone-ranking"};
  const std::filesystem::path file_ = directory_.path() / "build.db";
  std::optional<Database> database_;
};

TEST_F(RankingOfPassages, WordsTogetherWeighAsInFts5) {
  for (const char* words : {"w0 w3", "w1 w2 w5", "\"w0 w1\" w2", "w1* w4", "title w6", "w7 w0"}) {
    const auto wanted = of_fts5(words);
    const auto best = ranked(words, {.count = 12});
    ASSERT_EQ(best.size(), std::min<std::size_t>(12, wanted.size())) << words;
    for (std::size_t at = 0; at < best.size(); ++at) {
      EXPECT_NEAR(best[at].score, wanted[at].first, 1e-9) << words;
      EXPECT_EQ(best[at].chunk, wanted[at].second) << words;
    }
  }
}

TEST_F(RankingOfPassages, OneWordOrPhraseComesInTheOrderOfFts5) {
  for (const char* words : {"w5", "w3", "\"w1 w2\"", "w7*"}) {
    const auto wanted = of_fts5(words);
    const auto best = ranked(words, {.count = 15});
    ASSERT_EQ(best.size(), std::min<std::size_t>(15, wanted.size())) << words;
    for (std::size_t at = 0; at < best.size(); ++at) EXPECT_EQ(best[at].chunk, wanted[at].second) << words;
  }
}

TEST_F(RankingOfPassages, WhatIsCountedInPartIsEstimatedFromIt) {
  const auto exact = ranked("w2 w6", {.count = 1});
  const auto estimate = ranked("w2 w6", {.count = 1, .most_counted = 10});
  ASSERT_EQ(estimate.size(), 1U);
  EXPECT_NE(estimate[0].score, exact[0].score);
  EXPECT_NEAR(estimate[0].score, exact[0].score, -exact[0].score / 2);
}

TEST_F(RankingOfPassages, ScopeLeavesOutOtherTextsAndWhatCameBefore) {
  const std::unordered_set<std::int64_t> texts{2, 5};
  for (const auto& found : ranked("w1", {.texts = &texts, .count = 100}))
    EXPECT_TRUE(texts.contains(text_of_chunk(found.chunk)));
  const auto all = ranked("w3", {.count = 1'000});
  ASSERT_GT(all.size(), 10U);
  const auto rest = ranked("w3", {.after = &all[6], .count = 1'000});
  ASSERT_EQ(rest.size(), all.size() - 6);
  EXPECT_EQ(rest[0].chunk, all[6].chunk);
}

TEST_F(RankingOfPassages, BuildOfAnOlderProgramIsSearchedWithoutItsLengths) {
  ASSERT_TRUE(
      std::move(Database::open(file_, Database::Access::write)).value().run("ALTER TABLE texts DROP COLUMN lengths"));
  EXPECT_EQ(ranked("w1", {.count = 1'000}).size(), of_fts5("w1").size());
}

TEST(LengthsOfPassages, AreReadAsTheyWereWritten) {
  const Bytes lengths = encode_lengths({3, 0, 70'000});
  EXPECT_EQ(length_at(lengths, 0), 3U);
  EXPECT_EQ(length_at(lengths, 1), 0U);
  EXPECT_EQ(length_at(lengths, 2), 70'000U);
  EXPECT_EQ(length_at(lengths, 3), 0U);
  EXPECT_EQ(length_at({}, 0), 0U);
}

}  // namespace
}  // namespace flowstone::projections
