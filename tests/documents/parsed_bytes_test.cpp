#include <gtest/gtest.h>

#include "tests/documents/read.hpp"

namespace flowstone::documents {
namespace {

Parsed everything() {
  Parsed parsed = read(
      "---\ntitle: x\n---\n# A \u00e9\r\n\r\n- [l](u) **b**\n\n| h | i |\n|---|---|\n| 1 | 2 |\n\n> "
      "q\n\n```\ncode\n```\n",
      MediaType::markdown);
  parsed.warnings = {"one", "two"};
  parsed.source.words = {{{0, 3}, 1, {10, 20, 30, 40}}, {{4, 5}, 2, {5, 6, 7, 8}}};
  return parsed;
}

TEST(ParsedBytes, EverythingComesBack) {
  const Parsed parsed = everything();
  const std::string bytes = to_bytes(parsed);
  const auto back = from_bytes(bytes, parsed.text);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->type, MediaType::markdown);
  EXPECT_EQ(back->parser, parsed.parser);
  EXPECT_EQ(back->charset, parsed.charset);
  EXPECT_EQ(back->warnings, parsed.warnings);
  EXPECT_EQ(back->blocks, parsed.blocks);
  EXPECT_EQ(back->outline, parsed.outline);
  EXPECT_EQ(back->tables, parsed.tables);
  EXPECT_EQ(back->cells, parsed.cells);
  EXPECT_EQ(back->links, parsed.links);
  EXPECT_EQ(back->invisible, parsed.invisible);
  EXPECT_EQ(back->strong, parsed.strong);
  EXPECT_EQ(back->source, parsed.source);
  EXPECT_EQ(to_bytes(*back), bytes);
}

TEST(ParsedBytes, BelongToTheirText) {
  const Parsed parsed = everything();
  std::string other(parsed.text.utf8());
  other.back() = ' ';
  EXPECT_FALSE(from_bytes(to_bytes(parsed), *Text::from_utf8(other)));
}

TEST(ParsedBytes, WhatIsCutOrLongerIsRefused) {
  const Parsed parsed = everything();
  const std::string bytes = to_bytes(parsed);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(from_bytes(bytes.substr(0, size), parsed.text)) << size;
  EXPECT_FALSE(from_bytes(bytes + '\0', parsed.text));
}

TEST(ParsedBytes, SpansBeyondTheTextAreRefused) {
  Parsed parsed = everything();
  parsed.links[0].span.end = parsed.text.size() + 1;
  EXPECT_FALSE(from_bytes(to_bytes(parsed), parsed.text));
  parsed = everything();
  parsed.cells[0].table = 7;
  EXPECT_FALSE(from_bytes(to_bytes(parsed), parsed.text));
  parsed = everything();
  std::swap(parsed.blocks[0], parsed.blocks[1]);
  EXPECT_FALSE(from_bytes(to_bytes(parsed), parsed.text));
}

TEST(ParsedBytes, AreMuchSmallerThanTheText) {
  std::string source;
  for (int at = 0; at < 1'000; ++at) source += "A paragraph of some **forty** letters or more, as they are.\n\n";
  const Parsed parsed = read(source, MediaType::markdown);
  EXPECT_LT(to_bytes(parsed).size(), source.size() / 3);
}

}  // namespace
}  // namespace flowstone::documents
