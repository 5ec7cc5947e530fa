#include "base/digest.hpp"

#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace flowstone {
namespace {

std::string hex_of(const Digest& digest) { return to_hex(view(digest)); }

TEST(Sha256, VectorsOfFips180AreMet) {
  EXPECT_EQ(hex_of(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_of(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_of(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex_of(sha256(Bytes(1'000'000, 'a'))), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PartsAreHashedAsIfTheyWereOne) {
  EXPECT_EQ(sha256({"a", "", "bc"}), sha256("abc"));
  EXPECT_EQ(sha256({}), sha256(""));
}

// Every length around the edges of SHA-256's blocks, in batches that fill no, some and all lanes.
TEST(Digest, SideBySideIsTheSameAsOneByOne) {
  std::vector<Bytes> texts;
  for (std::size_t size = 0; size < 200; ++size) texts.push_back(random_bytes(size));
  texts.push_back(random_bytes(100'000));
  const std::vector<BytesView> messages(texts.begin(), texts.end());
  for (const std::size_t count :
       {std::size_t{0}, std::size_t{1}, std::size_t{3}, std::size_t{4}, std::size_t{17}, messages.size()}) {
    std::vector<Digest> digests(count);
    sha256_each(std::span(messages).last(count), digests);
    for (std::size_t at = 0; at < count; ++at) EXPECT_EQ(digests[at], sha256(messages[messages.size() - count + at]));
  }
}

TEST(RandomBytes, AreAsManyAsAskedForAndDiffer) {
  EXPECT_EQ(random_bytes(0).size(), 0U);
  std::set<Bytes> seen;
  for (int draw = 0; draw < 1'000; ++draw) seen.insert(random_bytes(16));
  EXPECT_EQ(seen.size(), 1'000U);
  EXPECT_EQ(seen.begin()->size(), 16U);
}

TEST(EqualInConstantTime, IsEqualityOfBytes) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("secret", "secret"));
  EXPECT_FALSE(equal_in_constant_time("secret", "Secret"));
  EXPECT_FALSE(equal_in_constant_time("secret", "secrets"));
  EXPECT_FALSE(equal_in_constant_time(std::string_view("a\0b", 3), std::string_view("a\0c", 3)));
}

}  // namespace
}  // namespace flowstone
