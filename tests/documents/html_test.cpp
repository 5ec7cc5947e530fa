#include <gmock/gmock.h>

#include "tests/documents/read.hpp"

namespace flowstone::documents {
namespace {

using testing::ElementsAre;

TEST(Html, BlocksAreWhatAReaderReads) {
  const Parsed parsed = read(
      "<!doctype html><html><head><title>T</title><style>p{}</style></head><body><h1>Head</h1><p>One\n  two <b>bold</b>"
      "<script>no()</script></p><ul><li>item<ul><li>deep</li></ul></li></ul><blockquote><p>said</p></blockquote>"
      "<pre>let a;\n  let b;</pre>loose<div hidden>gone</div><div style='display: none'>gone</div></body></html>",
      MediaType::html);
  EXPECT_THAT(blocks_of(parsed), ElementsAre("11 Head", "00 One two bold", "21 item", "22 deep", "41 said",
                                             "30 let a;\n  let b;", "00 loose"));
  EXPECT_EQ(parsed.text.utf8(), "Head\n\nOne two bold\n\nitem\n\ndeep\n\nsaid\n\nlet a;\n  let b;\n\nloose");
  ASSERT_EQ(parsed.outline.size(), 1U);
  EXPECT_EQ(parsed.outline[0].title, "Head");
}

TEST(Html, AnItemGoesOnBehindAListWithinIt) {
  const Parsed parsed = read("<ul><li>a<ul><li>b</li></ul>c</li><li>d</li></ul>e", MediaType::html);
  EXPECT_THAT(blocks_of(parsed), ElementsAre("21 a", "22 b", "21 c", "21 d", "00 e"));
}

TEST(Html, CellsOfATableKnowTheirHeader) {
  const Parsed parsed =
      read("<table><tr><th>Name<th>Fee</tr><tr><td>Basic <br>plan<td>EUR&nbsp;5</tr></table><p>after", MediaType::html);
  EXPECT_THAT(blocks_of(parsed), ElementsAre("50 Name\tFee", "50 Basic plan\tEUR 5", "00 after"));
  ASSERT_EQ(parsed.cells.size(), 4U);
  EXPECT_EQ(parsed.text.slice(parsed.cells[3].span), "EUR 5");
  EXPECT_EQ(header_of(parsed, parsed.cells[3]), "Fee");
  EXPECT_EQ(parsed.text.slice(parsed.tables[0].span), "Name\tFee\nBasic plan\tEUR 5");
}

TEST(Html, ATableForTheLooksOfAPageIsNoTable) {
  const Parsed parsed = read("<table><tr><td><h2>Menu</h2>x<td><table><tr><td>1<td>2</table></table>", MediaType::html);
  EXPECT_EQ(parsed.tables.size(), 1U);
  EXPECT_THAT(blocks_of(parsed), ElementsAre("12 Menu", "00 x", "50 1\t2"));
}

TEST(Html, LinksAndBoldWordsHaveSpans) {
  const Parsed parsed =
      read("<p>see <a href='https://x.example/?a=1&amp;b=2'>the <b>spec</b> </a>now", MediaType::html);
  ASSERT_EQ(parsed.links.size(), 1U);
  EXPECT_EQ(parsed.text.slice(parsed.links[0].span), "the spec");
  EXPECT_EQ(parsed.links[0].target, "https://x.example/?a=1&b=2");
  ASSERT_EQ(parsed.strong.size(), 1U);
  EXPECT_EQ(parsed.text.slice(parsed.strong[0]), "spec");
}

TEST(Html, PlacesInTheFileAreThoseOfTheLetters) {
  const std::string source = "<p>fish &amp; chips &#233; <i>now</i>\n<p>e\u0301nd\n";
  const Parsed parsed = read(source, MediaType::html);
  ASSERT_EQ(parsed.text.utf8(), "fish & chips \u00e9 now\n\n\u00e9nd");
  const auto byte_of = [&](std::string_view word) {
    const auto at = parsed.text.code_point_of(static_cast<std::uint32_t>(parsed.text.utf8().find(word)));
    return parsed.source.place(parsed.text, at).byte;
  };
  EXPECT_EQ(byte_of("fish"), source.find("fish"));
  EXPECT_EQ(byte_of("chips"), source.find("chips"));
  EXPECT_EQ(byte_of("\u00e9 now"), source.find("&#233;"));
  EXPECT_EQ(byte_of("now"), source.find("now"));
  EXPECT_EQ(byte_of("nd"), source.find("nd\n"));
  EXPECT_EQ(parsed.source.place(parsed.text, parsed.text.size() - 1).line, 2U);
}

TEST(Html, OtherCharsetsAreRead) {
  const Parsed parsed = read(
      "<p>Gr\xfc\xdf"
      "e aus M\xfcnchen und viele andere W\xf6rter",
      MediaType::html);
  EXPECT_EQ(parsed.text.utf8(), "Gr\u00fc\u00dfe aus M\u00fcnchen und viele andere W\u00f6rter");
  EXPECT_EQ(parsed.charset, "windows-1252");
  EXPECT_EQ(parsed.warnings.size(), 1U);
}

TEST(Html, ADeclaredCharsetIsUsedWhereTheBytesAreNoUtf8) {
  const Parsed parsed = read(
      "<meta charset=\"iso-8859-2\"><p>\xb3\xf3"
      "d\xbc",
      MediaType::html);
  EXPECT_EQ(parsed.text.utf8(), "\u0142\u00f3d\u017a");
  EXPECT_EQ(parsed.charset, "ISO-8859-2");
  EXPECT_TRUE(parsed.warnings.empty());
  EXPECT_EQ(read("<meta charset=latin2><p>\u0142", MediaType::html).text.utf8(), "\u0142");
  EXPECT_EQ(read("<meta charset=nonsense><p>caf\xe9", MediaType::html).charset, "windows-1252");
}

TEST(Html, DepthIsBounded) {
  ParseLimits limits;
  limits.depth = 50;
  const auto nested = [](int depth) {
    std::string source;
    for (int at = 0; at < depth; ++at) source += "<div>";
    return source + "x";
  };
  EXPECT_EQ(read(nested(47), MediaType::html, limits).text.utf8(), "x");
  EXPECT_EQ(refusal(nested(60), MediaType::html, limits), ParseErrorCode::too_deep);
  EXPECT_EQ(refusal(nested(1'000'000), MediaType::html,
                    [] {
                      ParseLimits short_limits;
                      short_limits.time = std::chrono::milliseconds(300);
                      return short_limits;
                    }()),
            ParseErrorCode::timed_out);
}

TEST(Html, FormattingThatMultipliesElementsIsBoundedInMemory) {
  std::string source = "<p>";
  for (int at = 0; at < 3'000; ++at) source += "<b a=" + std::to_string(at) + ">";
  for (int at = 0; at < 1'000; ++at) source += "</p><p>x";
  ParseLimits limits;
  limits.memory_bytes = std::size_t{64} << 20;
  EXPECT_EQ(refusal(source, MediaType::html, limits), ParseErrorCode::too_large);
}

TEST(Html, TextAndBlocksAreBounded) {
  ParseLimits limits;
  limits.blocks = 10;
  std::string source;
  for (int at = 0; at < 2'000; ++at) source += "<p>x";
  EXPECT_EQ(refusal(source, MediaType::html, limits), ParseErrorCode::too_large);
  limits = {};
  limits.bytes = source.size() - 1;
  EXPECT_EQ(refusal(source, MediaType::html, limits), ParseErrorCode::too_large);
}

TEST(Html, CharactersThatThereAreNotAreReplaced) {
  const Parsed parsed = read("<p>a&#11111111111b <a href='x&#99999999999;'>c</a>&#xD800;", MediaType::html);
  EXPECT_TRUE(Text::from_utf8(parsed.links.at(0).target).has_value());
  EXPECT_TRUE(parsed.text.utf8().starts_with("a\u{fffd}b")) << parsed.text.utf8();
}

}  // namespace
}  // namespace flowstone::documents
