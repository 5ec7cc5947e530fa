#include "documents/normalise.hpp"

#include <gtest/gtest.h>

namespace flowstone::documents {
namespace {

std::string source(std::string_view text) { return canonical_source(text).utf8; }
std::string block(std::string_view text) { return canonical_block(text).utf8; }

std::string utf16(std::u16string_view text, bool little) {
  std::string bytes = little ? "\xff\xfe" : "\xfe\xff";
  for (const char16_t unit : text) {
    const auto low = static_cast<char>(unit & 0xff);
    const auto high = static_cast<char>(unit >> 8);
    bytes += little ? low : high;
    bytes += little ? high : low;
  }
  return bytes;
}

TEST(Normalise, SourceKeepsItsWhiteSpace) {
  EXPECT_EQ(source("a\r\nb\rc\n\td  e \n"), "a\nb\nc\n\td  e \n");
  EXPECT_EQ(source(std::string("a\0b", 3) + "\u00adc\ufeff" + "d"), "abcd");
  EXPECT_EQ(source("e\u0301 \ufb01"), "\u00e9 \ufb01");
}

TEST(Normalise, BlocksAreCollapsedAndLigaturesFolded) {
  EXPECT_EQ(block("  a\r\n\t b\u00a0\u2003c  "), "a b c");
  EXPECT_EQ(block("\ufb01nd o\ufb03ce"), "find office");
  EXPECT_EQ(block("e\u0301\u00adx"), "\u00e9x");
  EXPECT_EQ(block(" \n "), "");
}

TEST(Normalise, CanonicalTextStaysAsItIs) {
  for (const std::string_view text :
       {"a\r\rb\u00ad\u0301", "A\u030a\u0323 \u1e69\n", "\u1100\u1161\u11a8", " x\ufb00 \u2028y"}) {
    EXPECT_EQ(source(source(text)), source(text));
    EXPECT_EQ(block(block(text)), block(text));
  }
}

TEST(Normalise, EveryCharacterLeadsBackToItsByte) {
  const std::string_view text =
      "ab\r\nc\xc2\xad"
      "de\u0301f\ufeffg";
  const Canonical canonical = canonical_source(text);
  ASSERT_EQ(canonical.utf8, "ab\ncd\u00e9fg");
  const auto origin = [&](std::string_view letter) {
    return canonical.map.origin(static_cast<std::uint32_t>(canonical.utf8.find(letter)));
  };
  for (const std::string_view letter : {"a", "b", "c", "d", "f", "g"})
    EXPECT_EQ(origin(letter), text.find(letter)) << letter;
  EXPECT_EQ(origin("\n"), 2U);
  EXPECT_EQ(origin("\u00e9"), text.find("e\u0301"));
}

TEST(Decode, Utf16IsToldByItsMark) {
  for (const bool little : {true, false}) {
    const auto decoded = decode(utf16(u"a\u00e9\u4e16\U0001F600z", little), {});
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->utf8, "a\u00e9\u4e16\U0001F600z");
    EXPECT_EQ(decoded->charset, little ? "UTF-16LE" : "UTF-16BE");
    EXPECT_EQ(decoded->map.origin(static_cast<std::uint32_t>(decoded->utf8.find('z'))), 12U);
    EXPECT_EQ(decoded->map.origin(3), 6U);
  }
}

TEST(Decode, LongUtf16IsNotCutWithinAPair) {
  for (const int before : {0, 1}) {
    std::u16string text(static_cast<std::size_t>(before), u'x');
    for (int at = 0; at < 40'000; ++at) text += u"\U0001F600";
    const auto decoded = decode(utf16(text, true), {});
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->utf8.size(), static_cast<std::size_t>(before) + 160'000);
    EXPECT_EQ(decoded->utf8.find("\xef\xbf\xbd"), std::string::npos);
    EXPECT_EQ(decoded->map.origin(static_cast<std::uint32_t>(before) + 4 * 30'000),
              2U + 2U * static_cast<unsigned>(before) + 4 * 30'000);
  }
}

TEST(Decode, WhatIsNoUtf8IsGuessedAndSaid) {
  const auto decoded = decode("caf\xe9 au lait, d\xe9j\xe0 vu, na\xefve \x80 5", {});
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->utf8, "caf\u00e9 au lait, d\u00e9j\u00e0 vu, na\u00efve \u20ac 5");
  EXPECT_EQ(decoded->charset, "windows-1252");
  ASSERT_EQ(decoded->warnings.size(), 1U);
  EXPECT_EQ(decoded->warnings[0], "The file is not UTF-8 (byte 3): it was read as windows-1252, which is a guess.");
}

TEST(Decode, SizeIsBoundedBeforeAndAfter) {
  ParseLimits limits;
  limits.bytes = 10;
  EXPECT_TRUE(decode("0123456789", limits));
  EXPECT_EQ(decode("0123456789a", limits).error().code, ParseErrorCode::too_large);
  limits = {};
  limits.characters = 10;
  EXPECT_TRUE(decode("0123456789", limits));
  EXPECT_EQ(decode("0123456789a", limits).error().code, ParseErrorCode::too_large);
  EXPECT_TRUE(decode("12345678\xe9", limits));
  EXPECT_EQ(decode("123456789\xe9", limits).error().code, ParseErrorCode::too_large);
}

}  // namespace
}  // namespace flowstone::documents
