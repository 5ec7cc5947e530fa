#include "base/uuid.hpp"

#include <gtest/gtest.h>

#include "base/identifier.hpp"

namespace flowstone {
namespace {

TEST(Uuid, BytesAndTextAreOneThing) {
  constexpr std::string_view kText = "01920000-0000-7000-8000-0000000000af";
  const auto bytes = uuid_bytes(kText);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->size(), kUuidBytes);
  EXPECT_EQ(uuid_text(*bytes), kText);
}

TEST(Uuid, WhatIsNotCanonicalIsNone) {
  for (const std::string_view text : {"", "01920000-0000-7000-8000-0000000000AF", "0192000000007000800000000000 0af",
                                      "01920000000070008000000000000000af--"})
    EXPECT_FALSE(uuid_bytes(text)) << text;
}

TEST(Uuid, SamePartsGiveTheSameOfVersionEight) {
  const auto id = derived_uuid({"a", "b"});
  EXPECT_TRUE(is_uuid(id));
  EXPECT_EQ(id[14], '8');
  EXPECT_NE(std::string_view("89ab").find(id[19]), std::string_view::npos);
  EXPECT_EQ(id, derived_uuid({"ab"}));
  EXPECT_NE(id, derived_uuid({"a", "c"}));
}

}  // namespace
}  // namespace flowstone
