#include "documents/words.hpp"

#include <memory>
#include <unicode/brkiter.h>
#include <unicode/utext.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace flowstone::documents {
namespace {

Text text_of(const std::string& utf8) { return Text::from_utf8(utf8).value(); }

std::vector<std::string> words(const std::string& utf8) {
  std::vector<std::string> out;
  const auto text = text_of(utf8);
  for (const auto& word : words_of(text)) {
    EXPECT_EQ(text.slice(word.span), text.utf8().substr(word.begin, word.end - word.begin));
    out.emplace_back(text.slice(word.span));
  }
  return out;
}

std::vector<std::string> units(const std::string& utf8) {
  std::vector<std::string> out;
  const auto text = text_of(utf8);
  const auto all = words_of(text);
  std::uint32_t next = 0;
  for (const auto& unit : units_of(text, all)) {
    EXPECT_EQ(unit.first, next);
    EXPECT_LT(unit.first, unit.last);
    next = unit.last;
    out.emplace_back(text.slice({all[unit.first].span.start, all[unit.last - 1].span.end}));
  }
  EXPECT_EQ(next, all.size());
  return out;
}

// Segments of ICU over the whole text, without those that are white space.
std::vector<std::string> icu_segments(const std::string& utf8, bool sentences) {
  UErrorCode status = U_ZERO_ERROR;
  const auto& root = icu::Locale::getRoot();
  const std::unique_ptr<icu::BreakIterator> iterator(sentences
                                                         ? icu::BreakIterator::createSentenceInstance(root, status)
                                                         : icu::BreakIterator::createWordInstance(root, status));
  UText text = UTEXT_INITIALIZER;
  utext_openUTF8(&text, utf8.data(), static_cast<std::int64_t>(utf8.size()), &status);
  iterator->setText(&text, status);
  std::vector<std::string> out;
  for (std::int32_t begin = 0, end = 0; (end = iterator->next()) != icu::BreakIterator::DONE; begin = end) {
    auto segment = utf8.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    while (!segment.empty() && (segment.back() == ' ' || segment.back() == '\n')) segment.pop_back();
    while (!segment.empty() && segment.front() == ' ') segment.erase(0, 1);
    if (!segment.empty()) out.push_back(segment);
  }
  utext_close(&text);
  return out;
}

TEST(Words, AreThoseOfUax29WithPunctuationEachByItself) {
  EXPECT_THAT(words("It's 3.14, e.g. a_b--(x)!"),
              testing::ElementsAre("It's", "3.14", ",", "e.g", ".", "a_b", "-", "-", "(", "x", ")", "!"));
}

TEST(Words, OfOtherScriptsComeFromIcu) {
  EXPECT_THAT(words("na\u00efve \u4e2d\u6587\u3000caf\u00e9."), testing::Contains("na\u00efve"));
  EXPECT_THAT(words("caf\u00e9\u00a0x"), testing::ElementsAre("caf\u00e9", "x"));
}

TEST(Words, AreEqualInEveryNormalForm) {
  const auto composed = words_of(text_of("caf\u00e9"));
  const auto decomposed = words_of(text_of("cafe\u0301"));
  const auto hyphenated = words_of(text_of("ca\u00adf\u00e9"));
  ASSERT_EQ(decomposed.size(), 1U);
  EXPECT_EQ(composed[0].key, decomposed[0].key);
  EXPECT_EQ(composed[0].key, hyphenated[0].key);
  EXPECT_NE(composed[0].key, words_of(text_of("Caf\u00e9"))[0].key);
}

TEST(Words, AByteOrderMarkIsNone) { EXPECT_THAT(words("\ufeffa"), testing::ElementsAre("a")); }

RC_GTEST_PROP(Words, InAsciiAreExactlyThoseOfIcu, ()) {
  const auto utf8 = *rc::gen::container<std::string>(
      rc::gen::elementOf(std::string("aabbzAZ019 .,;:'\"_-()!?@#$/\\<>&*+=~`|{}[]%^")));
  RC_ASSERT(words(utf8) == icu_segments(utf8, false));
}

RC_GTEST_PROP(Words, AreThoseOfIcuInMixedText, ()) {
  const auto parts = *rc::gen::container<std::vector<std::string>>(
      rc::gen::elementOf(std::vector<std::string>{"a", "B", "1", ".", ",", "'", " ", "\u00e9", "\u00df", "\u4e2d",
                                                  "\u3042", "\u30ab", "\u05d0", "\"", "\U0001F600", "_"}));
  std::string utf8;
  for (const auto& part : parts) utf8 += part;
  RC_ASSERT(words(utf8) == icu_segments(utf8, false));
}

TEST(Units, AreSentencesAcrossLineEnds) {
  EXPECT_THAT(units("One is\nhere. Two (e.g. this) is 1.5 long! And three"),
              testing::ElementsAre("One is\nhere.", "Two (e.g. this) is 1.5 long!", "And three"));
}

TEST(Units, OfMarkdownAreItsLinesWhereTheyStandForThemselves) {
  EXPECT_THAT(units("# Title\nText goes\non\n\n- item one\n  still one\n- item two\n1. first\n| a | b |\n| c | d "
                    "|\n```\nx = 1\ny = 2\n```\nEnd"),
              testing::ElementsAre("# Title", "Text goes\non", "- item one\n  still one", "- item two", "1. first",
                                   "| a | b |", "| c | d |", "```", "x = 1", "y = 2", "```", "End"));
}

TEST(Units, ABlankLineEndsABlock) {
  const auto text = text_of("a b\nc\n \t\nd");
  const auto all = words_of(text);
  const auto found = units_of(text, all);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].size(), 3U);
  EXPECT_NE(found[0].block, found[1].block);
}

TEST(Units, OfNothingAreNone) {
  EXPECT_TRUE(units("").empty());
  EXPECT_TRUE(units(" \n\n").empty());
}

RC_GTEST_PROP(Units, HoldEveryWordOfWhatIsMarkedUp, ()) {
  const auto text =
      Text::from_utf8(*rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab>>\n\n -#|.`1")))).value();
  const auto all = words_of(text);
  std::uint32_t next = 0;
  for (const auto& unit : units_of(text, all)) {
    RC_ASSERT(unit.first == next && unit.last > unit.first);
    next = unit.last;
  }
  RC_ASSERT(next == all.size());
}

RC_GTEST_PROP(Units, OfAsciiAreTheSentencesOfIcu, ()) {
  const auto utf8 = "x" + *rc::gen::container<std::string>(rc::gen::elementOf(std::string("aabB1 ..!?,-:;\"()")));
  RC_ASSERT(units(utf8) == icu_segments(utf8, true));
}

}  // namespace
}  // namespace flowstone::documents
