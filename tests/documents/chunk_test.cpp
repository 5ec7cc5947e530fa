#include "documents/chunk.hpp"

#include <set>

#include <gmock/gmock.h>

#include "tests/documents/read.hpp"

namespace flowstone::documents {
namespace {

std::string words(int count, const std::string& word = "word") {
  std::string text;
  for (int at = 0; at < count; ++at) text += word + std::to_string(at) + " ";
  return text;
}

TEST(Chunk, NeverCrossesTheBeginningOfASection) {
  const Parsed parsed = read("# A\n\nfirst\n\nsecond\n\n## B\n\nthird\n", MediaType::markdown);
  const auto chunks = chunks_of(parsed);
  ASSERT_EQ(chunks.size(), 2U);
  EXPECT_EQ(chunks[0].section, "A");
  EXPECT_EQ(chunks[0].text, "A first second");
  EXPECT_EQ(chunks[1].section, "A / B");
  EXPECT_EQ(parsed.text.slice(chunks[1].span), "## B\n\nthird");
}

TEST(Chunk, ParagraphsJoinUntilThereIsEnough) {
  std::string source = "# A\n\n";
  for (int at = 0; at < 40; ++at) source += words(30) + "\n\n";
  const Parsed parsed = read(source, MediaType::markdown);
  const auto chunks = chunks_of(parsed);
  ASSERT_GT(chunks.size(), 4U);
  for (std::size_t at = 0; at < chunks.size(); ++at) {
    EXPECT_LE(chunks[at].span.size(), 2'000U);
    if (at + 1 < chunks.size()) EXPECT_GE(chunks[at].span.size(), 1'000U);
    if (at > 0) EXPECT_GE(chunks[at].span.start, chunks[at - 1].span.end);
  }
}

TEST(Chunk, ALongParagraphIsCutBehindASentence) {
  std::string source;
  for (int at = 0; at < 100; ++at) source += words(9) + "end.\n";
  const auto chunks = chunks_of(read(source, MediaType::plain_text));
  ASSERT_GT(chunks.size(), 2U);
  for (const Chunk& chunk : chunks) EXPECT_TRUE(chunk.text.ends_with("end.")) << chunk.text;
  const std::string solid(10'000, 'x');
  const auto cut = chunks_of(read(solid, MediaType::plain_text));
  EXPECT_EQ(cut.size(), 5U);
}

TEST(Chunk, WhatDidNotChangeKeepsItsId) {
  const std::string before = "# A\n\n" + words(300) + "\n\n# B\n\n" + words(300, "other") + "\n";
  const std::string after = "# New\n\nmore\n\n" + before;
  std::set<std::string> ids;
  for (const Chunk& chunk : chunks_of(read(before, MediaType::markdown))) ids.insert(chunk.id);
  int kept = 0;
  const auto chunks = chunks_of(read(after, MediaType::markdown));
  for (const Chunk& chunk : chunks) kept += static_cast<int>(ids.count(chunk.id));
  EXPECT_EQ(kept, static_cast<int>(ids.size()));
  EXPECT_EQ(chunks.size(), ids.size() + 1);
}

}  // namespace
}  // namespace flowstone::documents
