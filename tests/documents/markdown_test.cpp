#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "documents/parse.hpp"

namespace flowstone::documents {
namespace {

using testing::ElementsAre;

Parsed read(std::string_view source) {
  auto parsed = parse(source, MediaType::markdown, {});
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().sentence);
  return parsed ? *std::move(parsed) : Parsed{};
}

std::string seen(std::string_view source) {
  const Parsed parsed = read(source);
  return visible_text(parsed, {0, parsed.text.size()});
}

std::vector<std::string> blocks(const Parsed& parsed) {
  std::vector<std::string> found;
  for (const Block& block : parsed.blocks) {
    found.push_back(std::to_string(static_cast<int>(block.kind)) + std::to_string(block.level) + " " +
                    std::string(parsed.text.slice(block.span)));
  }
  return found;
}

TEST(Markdown, BlocksAreTheSourceInReadingOrder) {
  const Parsed parsed =
      read("# Head\n\nPara one\nline two\n\n- item\n  - deep **x**\n\n> quoted\n\n```js\nlet a;\n```\n\nTitle\n===\n");
  EXPECT_THAT(blocks(parsed), ElementsAre("11 # Head", "00 Para one\nline two", "21 item", "22 deep **x**", "41 quoted",
                                          "30 ```js\nlet a;\n```", "11 Title\n==="));
}

TEST(Markdown, MarkupIsInvisible) {
  EXPECT_EQ(seen("# Head *x* line"), "Head x line");
  EXPECT_EQ(seen("a **bold** `code` ~~gone~~ [link](http://x.y \"t\") tail"), "a bold code gone link tail");
  EXPECT_EQ(seen("1. one\n2. two\n"), "one two");
  EXPECT_EQ(seen("> quote\n> goes on"), "quote goes on");
  EXPECT_EQ(seen("text\n\n[ref]: http://nowhere.example"), "text");
  EXPECT_EQ(seen("Setext\n===\n"), "Setext");
  EXPECT_EQ(seen("before <b class=\"x\">in</b> after <!-- never --> end"), "before in after end");
  EXPECT_EQ(seen("<div>\nshown <i>this</i>\n</div>\n"), "shown this");
  EXPECT_EQ(seen("```js\nlet a = '*';\n```"), "let a = '*';");
  EXPECT_EQ(seen("- [ ] open\n- [x] done"), "open done");
}

TEST(Markdown, EscapesAndEntitiesAreSeenThrough) {
  EXPECT_EQ(seen("**bold** \\*star and \\\\ end"), "bold *star and \\ end");
  EXPECT_EQ(seen("fish &amp; *chips* &copy; 2030"), "fish &amp; chips &copy; 2030");
  EXPECT_EQ(seen("`a\\*b` and `` x`y ``"), "a\\*b and x`y");
}

TEST(Markdown, SectionsEndWhereTheNextOfTheirLevelBegins) {
  const Parsed parsed = read("# A\n\ntext\n\n## B\n\nmore\n\n## C *x*\n\n# D\n");
  ASSERT_EQ(parsed.outline.size(), 4U);
  EXPECT_EQ(parsed.outline[2].title, "C x");
  EXPECT_EQ(parsed.text.slice(parsed.outline[0].section), "# A\n\ntext\n\n## B\n\nmore\n\n## C *x*\n\n");
  EXPECT_EQ(parsed.text.slice(parsed.outline[1].section), "## B\n\nmore\n\n");
  EXPECT_EQ(parsed.text.slice(parsed.outline[3].section), "# D\n");
}

TEST(Markdown, CellsOfATableKnowTheirHeader) {
  const Parsed parsed = read("| Name | Value |\n|---|:-:|\n| a **b** | `x \\| y` z |\n| short |\n");
  ASSERT_EQ(parsed.tables.size(), 1U);
  EXPECT_THAT(parsed.tables[0].header, ElementsAre("Name", "Value"));
  ASSERT_GE(parsed.cells.size(), 5U);
  EXPECT_EQ(parsed.text.slice(parsed.cells[3].span), "`x \\| y` z");
  EXPECT_EQ(visible_text(parsed, parsed.cells[3].span), "x | y z");
  EXPECT_EQ(header_of(parsed, parsed.cells[3]), "Value");
  EXPECT_EQ(parsed.cells[4].row, 2U);
}

TEST(Markdown, LinksHaveTheirWordsAndTarget) {
  const Parsed parsed =
      read("See [the **spec**](https://a.example/x) and <https://b.example> or https://c.example/d_(e).");
  ASSERT_EQ(parsed.links.size(), 3U);
  EXPECT_EQ(parsed.text.slice(parsed.links[0].span), "the **spec");
  EXPECT_EQ(parsed.links[0].target, "https://a.example/x");
  EXPECT_EQ(parsed.links[1].target, "https://b.example");
  EXPECT_EQ(parsed.links[2].target, "https://c.example/d_(e)");
}

TEST(Markdown, FrontMatterIsABlockOfItsOwn) {
  const Parsed parsed = read("---\ntitle: Contract\nversion: 2\n---\n\n# Head\n");
  EXPECT_THAT(blocks(parsed), ElementsAre("60 title: Contract\nversion: 2", "11 # Head"));
}

TEST(Markdown, BoldWordsAreStrong) {
  const Parsed parsed = read("**Service**: what is *sold*. __Fee__");
  ASSERT_EQ(parsed.strong.size(), 2U);
  EXPECT_EQ(parsed.text.slice(parsed.strong[0]), "Service");
  EXPECT_EQ(parsed.text.slice(parsed.strong[1]), "Fee");
}

TEST(Markdown, PlacesInTheFileAreKnown) {
  const Parsed parsed = read("\xef\xbb\xbf# H\r\n\r\nsecond \u00e9\r\n");
  const std::string_view text = parsed.text.utf8();
  EXPECT_EQ(text, "# H\n\nsecond \u00e9\n");
  const Place place = parsed.source.place(parsed.text, 5);
  EXPECT_EQ(place.byte, 10U);
  EXPECT_EQ(place.line, 3U);
}

TEST(Markdown, DepthIsBounded) {
  ParseLimits limits;
  limits.depth = 20;
  const auto nested = [&](int depth) {
    std::string source;
    for (int at = 0; at < depth; ++at) source += "> ";
    return parse(source + "x\n", MediaType::markdown, limits);
  };
  EXPECT_TRUE(nested(20));
  const auto beyond = nested(21);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code, ParseErrorCode::too_deep);
  EXPECT_TRUE(parse("- - - - - - - - - - - - - - - - - - - - - - - - - - - -\n", MediaType::markdown, limits));
}

TEST(Markdown, MemoryAndTimeAreBounded) {
  ParseLimits limits;
  std::string source;
  for (int line = 0; line < 20'000; ++line) source += "word *word* word\n\n";
  limits.memory_bytes = std::size_t{1} << 20;
  const auto large = parse(source, MediaType::markdown, limits);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, ParseErrorCode::too_large);
  limits = {};
  limits.time = std::chrono::milliseconds(0);
  const auto late = parse(source, MediaType::markdown, limits);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ParseErrorCode::timed_out);
}

TEST(Markdown, UnderlinedHeadingEndsWithItsLine) {
  const Parsed parsed = read("Fees\n---\nTwelve per cent.\n\n> Terms\n> ===\n> Thirty days.\n\nEnd\n===\n");
  EXPECT_THAT(blocks(parsed),
              ElementsAre("12 Fees\n---", "00 Twelve per cent.", "11 Terms\n> ===", "41 Thirty days.", "11 End\n==="));
  ASSERT_EQ(parsed.outline.size(), 3U);
  EXPECT_EQ(parsed.outline[0].title, "Fees");
}

}  // namespace
}  // namespace flowstone::documents
