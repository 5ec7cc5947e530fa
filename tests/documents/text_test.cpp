#include "documents/text.hpp"

#include <gtest/gtest.h>

namespace flowstone::documents {
namespace {

// 100 code points of one to four bytes, so that landmarks matter.
std::string mixed() {
  std::string text;
  for (int i = 0; i < 25; ++i) text += "a\u00e9\u20ac\U0001F600";
  return text;
}

TEST(Text, EveryCodePointIsFoundFromItsBytesAndBack) {
  const auto text = Text::from_utf8(mixed());
  ASSERT_TRUE(text);
  ASSERT_EQ(text->size(), 100U);
  for (std::uint32_t at = 0; at < text->size(); ++at) {
    const std::uint32_t next = text->byte_of(at + 1);
    EXPECT_EQ(next - text->byte_of(at), at % 4 + 1) << at;
    for (std::uint32_t byte = text->byte_of(at); byte < next; ++byte) EXPECT_EQ(text->code_point_of(byte), at);
  }
  EXPECT_EQ(text->byte_of(100), text->utf8().size());
  EXPECT_EQ(text->code_point_of(1000), 100U);
}

TEST(Text, ASliceIsTheSpansBytes) {
  const auto text = Text::from_utf8(mixed());
  ASSERT_TRUE(text);
  EXPECT_EQ(text->slice({1, 3}), "\u00e9\u20ac");
  EXPECT_EQ(text->slice({67, 69}), "\U0001F600a");
  EXPECT_EQ(text->slice({98, 200}), "\u20ac\U0001F600");
  EXPECT_EQ(text->slice({5, 5}), "");
}

TEST(Text, AsciiCountsBytes) {
  const auto text = Text::from_utf8("plain");
  ASSERT_TRUE(text);
  EXPECT_EQ(text->byte_of(3), 3U);
  EXPECT_EQ(text->slice({1, 4}), "lai");
}

TEST(Text, WhatIsNoUtf8IsRefused) {
  EXPECT_FALSE(Text::from_utf8("a\xff"));
  EXPECT_FALSE(Text::from_utf8("\xed\xa0\x80"));
  EXPECT_FALSE(Text::from_utf8("\xc0\x80"));
  EXPECT_FALSE(Text::from_utf8("cut\xe2\x82"));
  EXPECT_TRUE(Text::from_utf8(""));
}

}  // namespace
}  // namespace flowstone::documents
