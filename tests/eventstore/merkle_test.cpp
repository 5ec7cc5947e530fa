#include "eventstore/merkle.hpp"

#include <gtest/gtest.h>

#include "eventstore/tiles.hpp"

namespace flowstone::eventstore {
namespace {

// The test vectors of RFC 6962's reference implementation (certificate-transparency, merkletree/merkle_tree_test.cc).
const std::vector<Bytes> kInputs = {*from_hex(""),
                                    *from_hex("00"),
                                    *from_hex("10"),
                                    *from_hex("2021"),
                                    *from_hex("3031"),
                                    *from_hex("40414243"),
                                    *from_hex("5051525354555657"),
                                    *from_hex("606162636465666768696a6b6c6d6e6f")};
const std::vector<std::string> kRoots = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                         "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                         "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                         "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

Digest digest_of(std::string_view hex) {
  Digest digest;
  const Bytes bytes = *from_hex(hex);
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

Proof proof_of(const std::vector<std::string>& hexes) {
  Proof proof;
  for (const std::string& hex : hexes) proof.push_back(digest_of(hex));
  return proof;
}

// Tiles that were never saved anywhere.
Tiles make_tiles() {
  return Tiles([](TileId) -> Result<Bytes, StoreError> { return Bytes(); });
}

Digest numbered_leaf(std::uint64_t number) { return leaf_hash(std::to_string(number)); }

TEST(Merkle, RootsOfOneToEightLeavesMatchRfc6962) {
  CompactRange range;
  EXPECT_EQ(to_hex(view(range.root())), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::size_t leaf = 0; leaf < kInputs.size(); ++leaf) {
    range.push(leaf_hash(kInputs[leaf]));
    EXPECT_EQ(to_hex(view(range.root())), kRoots[leaf]);
  }
}

TEST(Merkle, ManyLeavesAtOnceGrowTheSameTree) {
  CompactRange one_by_one;
  CompactRange many;
  std::uint64_t next = 0;
  for (std::uint64_t count = 0; count < 150; ++count) {
    std::vector<Digest> leaves;
    for (std::uint64_t leaf = 0; leaf < count; ++leaf) leaves.push_back(numbered_leaf(next++));
    for (const Digest& leaf : leaves) one_by_one.push(leaf);
    many.push(leaves);
    ASSERT_EQ(many.size(), next);
    ASSERT_EQ(many.peaks(), one_by_one.peaks());
  }
}

TEST(Merkle, InclusionProofsMatchRfc6962) {
  Tiles tiles = make_tiles();
  for (const Bytes& input : kInputs) tiles.push(std::vector<Digest>{leaf_hash(input)});
  EXPECT_EQ(*inclusion_path(tiles, 0, 1), Proof{});
  EXPECT_EQ(*inclusion_path(tiles, 0, 8),
            proof_of({"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}));
  EXPECT_EQ(*inclusion_path(tiles, 5, 8),
            proof_of({"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}));
  EXPECT_EQ(*inclusion_path(tiles, 2, 3),
            proof_of({"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}));
}

TEST(Merkle, ConsistencyProofsMatchRfc6962) {
  Tiles tiles = make_tiles();
  for (const Bytes& input : kInputs) tiles.push(std::vector<Digest>{leaf_hash(input)});
  EXPECT_EQ(*consistency_path(tiles, 1, 1), Proof{});
  EXPECT_EQ(*consistency_path(tiles, 1, 8),
            proof_of({"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}));
  EXPECT_EQ(*consistency_path(tiles, 6, 8),
            proof_of({"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}));
  EXPECT_EQ(*consistency_path(tiles, 2, 5),
            proof_of({"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}));
}

TEST(Merkle, EveryProofOfSmallTreesHoldsAndNoChangedOneDoes) {
  constexpr std::uint64_t kLeaves = 40;
  Tiles tiles = make_tiles();
  std::vector<Digest> roots = {CompactRange().root()};
  CompactRange range;
  for (std::uint64_t leaf = 0; leaf < kLeaves; ++leaf) {
    tiles.push(std::vector<Digest>{numbered_leaf(leaf)});
    range.push(numbered_leaf(leaf));
    roots.push_back(range.root());
  }
  for (std::uint64_t size = 1; size <= kLeaves; ++size) {
    ASSERT_EQ(*root_at(tiles, size), roots[size]);
    for (std::uint64_t leaf = 0; leaf < size; ++leaf) {
      Proof path = *inclusion_path(tiles, leaf, size);
      EXPECT_TRUE(verify_inclusion(numbered_leaf(leaf), leaf, size, path, roots[size]));
      EXPECT_FALSE(verify_inclusion(numbered_leaf(leaf + 1), leaf, size, path, roots[size]));
      if (path.empty()) continue;
      path.back()[0] ^= 1;
      EXPECT_FALSE(verify_inclusion(numbered_leaf(leaf), leaf, size, path, roots[size]));
    }
    for (std::uint64_t first = 0; first <= size; ++first) {
      const Proof path = *consistency_path(tiles, first, size);
      EXPECT_TRUE(verify_consistency(first, size, roots[first], roots[size], path));
      if (first == 0) continue;  // the empty tree is the beginning of any
      Digest other = roots[size];
      other[31] ^= 0x80;
      EXPECT_FALSE(verify_consistency(first, size, roots[first], other, path));
    }
  }
}

TEST(Tiles, ProofsOfLargeTreesComeFromSavedTiles) {
  constexpr std::uint64_t kLeaves = 70'000;  // 273 full tiles of level 0, one of level 1
  std::map<TileId, Bytes> saved;
  const auto load = [&](TileId tile) -> Result<Bytes, StoreError> { return saved[tile]; };
  Tiles tiles(load);
  CompactRange range;
  std::map<std::uint64_t, Digest> roots;
  for (std::uint64_t leaf = 0; leaf < kLeaves; ++leaf) {
    tiles.push(std::vector<Digest>{numbered_leaf(leaf)});
    range.push(numbered_leaf(leaf));
    if (leaf % 777 == 0) {
      for (auto& [tile, hashes] : tiles.unsaved()) saved[tile] = hashes;
      tiles.saved();
    }
    if (const std::uint64_t size = leaf + 1; size == 256 || size == 65'536 || size == 65'537 || size == kLeaves)
      roots[size] = range.root();
  }
  for (auto& [tile, hashes] : tiles.unsaved()) saved[tile] = hashes;
  std::vector<Digest> last_leaves;
  for (std::uint64_t leaf = kLeaves / 256 * 256; leaf < kLeaves; ++leaf) last_leaves.push_back(numbered_leaf(leaf));
  Tiles restored(load);
  ASSERT_TRUE(restored.restore(kLeaves, last_leaves));
  EXPECT_EQ(*restored.peaks(kLeaves), range.peaks());
  for (const auto& [size, root] : roots) {
    EXPECT_EQ(*root_at(restored, size), root);
    for (const std::uint64_t leaf : {std::uint64_t{0}, std::uint64_t{255}, size / 2, size - 1}) {
      EXPECT_TRUE(verify_inclusion(numbered_leaf(leaf), leaf, size, *inclusion_path(restored, leaf, size), root));
    }
    EXPECT_TRUE(verify_consistency(size, kLeaves, root, roots[kLeaves], *consistency_path(restored, size, kLeaves)));
  }
  EXPECT_EQ((saved[{.level = 0, .index = 272}].size()), 256U * 32);
  EXPECT_EQ((saved[{.level = 1, .index = 0}].size()), 256U * 32);
}

TEST(Tiles, AMissingTileIsAnErrorAndNoWrongHash) {
  Tiles tiles = make_tiles();
  const auto restored = tiles.restore(65'536 + 256, {});
  EXPECT_FALSE(restored);
}

}  // namespace
}  // namespace flowstone::eventstore
