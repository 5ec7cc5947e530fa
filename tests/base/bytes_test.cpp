#include "base/bytes.hpp"

#include <gtest/gtest.h>

namespace flowstone {
namespace {

Bytes all_byte_values() {
  Bytes bytes;
  for (int value = 0; value < 256; ++value) bytes += static_cast<char>(value);
  return bytes;
}

struct Vector {
  std::string_view plain;
  std::string_view text;
};

TEST(Base64, VectorsOfRfc4648GoThereAndBack) {
  for (const auto& [plain, text] :
       {Vector{"", ""}, Vector{"f", "Zg=="}, Vector{"fo", "Zm8="}, Vector{"foo", "Zm9v"}, Vector{"foob", "Zm9vYg=="},
        Vector{"fooba", "Zm9vYmE="}, Vector{"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(to_base64(plain), text);
    EXPECT_EQ(from_base64(text), plain);
  }
}

TEST(Base64, UrlFormHasNoPaddingAndItsOwnTwoCharacters) {
  EXPECT_EQ(to_base64("\xfb\xff\xfe"), "+//+");
  EXPECT_EQ(to_base64url("\xfb\xff\xfe"), "-__-");
  EXPECT_EQ(to_base64url("f"), "Zg");
  EXPECT_EQ(from_base64url("-__-"), "\xfb\xff\xfe");
}

TEST(Base64, EveryLengthAndByteGoesThereAndBack) {
  const Bytes bytes = all_byte_values();
  for (std::size_t length = 0; length <= bytes.size(); ++length) {
    const BytesView part = BytesView(bytes).substr(bytes.size() - length);
    EXPECT_EQ(from_base64(to_base64(part)), part);
    EXPECT_EQ(from_base64url(to_base64url(part)), part);
  }
}

TEST(Base64, PaddingMustBeThereAndNotInTheMiddle) {
  for (const std::string_view text : {"Zg", "Zg=", "Zg===", "=Zg=", "Z===", "====", "Zg==Zg==", "Zm9=v"}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
  EXPECT_FALSE(from_base64url("Zg=="));
}

TEST(Base64, ForeignCharactersAreRefused) {
  for (const std::string_view text : {"Zm9-", "Zm9_", "Zm 9", "Zm9\n", "Zm9\x80"})
    EXPECT_FALSE(from_base64(text)) << text;
  for (const std::string_view text : {"Zm9+", "Zm9/", "Z"}) EXPECT_FALSE(from_base64url(text)) << text;
  EXPECT_FALSE(from_base64(std::string_view("Zm\0v", 4)));
}

TEST(Base64, LeftOverBitsMustBeZeroSoThatBytesHaveOneText) {
  EXPECT_FALSE(from_base64("Zh=="));
  EXPECT_FALSE(from_base64url("Zm9vYmF"));
  EXPECT_EQ(from_base64url("Zm9vYmE"), "fooba");
}

TEST(Hex, EveryByteGoesThereAndBack) {
  const Bytes bytes = all_byte_values();
  EXPECT_EQ(to_hex(bytes).substr(0, 8), "00010203");
  EXPECT_EQ(to_hex(bytes).size(), 512U);
  EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
}

TEST(Hex, BothCasesAreReadAndOnlyDigits) {
  EXPECT_EQ(from_hex("aBcD"), "\xab\xcd");
  EXPECT_EQ(from_hex(""), "");
  for (const std::string_view text : {"a", "abc", "0g", "g0", "0x", " 0", "0 "}) EXPECT_FALSE(from_hex(text)) << text;
}

}  // namespace
}  // namespace flowstone
