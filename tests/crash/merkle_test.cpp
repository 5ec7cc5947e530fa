#include "tests/crash/merkle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.hpp"

namespace flowstone::crash {
namespace {

// The worked example of docs/formats/record.md and tree.md.
constexpr std::string_view kExported =
    R"({"source":"/workspaces/w1","subject":"task-1","type":"task.created","position":1,"revision":1,)"
    R"("timemicros":1795608000000000,"schemaversion":1,"actor":"key:1","commandid":"c1","correlationid":"c1",)"
    R"("payloaddigest":"2dfb3033c81c798d01f47374c9d55c5973447581b14dbda1a38298dd5850af76",)"
    R"("salt":"MDEyMzQ1Njc4OWFiY2RlZg==","payload":"aGk="})";
constexpr std::string_view kLeaf = "28f8c7a91588d422f78bbd5e1d86993c692e389b3556b07347d2375f4dc872e9";

TEST(Merkle, TheLeafOfTheWorkedExampleIsTheDocumentedOne) {
  EXPECT_EQ(to_hex(view(leaf_of(boost::json::parse(kExported).as_object()))), kLeaf);
}

TEST(Merkle, ALogOfOneEventHasItsLeafAsRoot) {
  const Recomputed recomputed = recompute(std::string(kExported) + "\n{\"type\":\"flowstone.export.seal\"}\n");
  EXPECT_EQ(recomputed.size, 1);
  EXPECT_EQ(recomputed.root, kLeaf);
  EXPECT_THAT(recomputed.findings, ::testing::IsEmpty());
}

TEST(Merkle, AnAlteredPayloadIsFound) {
  std::string altered(kExported);
  altered.replace(altered.find("aGk="), 4, "aGo=");
  EXPECT_THAT(recompute(altered).findings, ::testing::ElementsAre(::testing::HasSubstr("position 1")));
}

TEST(Merkle, AnEmptyLogHasTheHashOfNothing) {
  EXPECT_EQ(to_hex(view(tree_hash({}))), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

// The first three of the inputs that Certificate Transparency's own tests use: "", "\0" and "\x10".
TEST(Merkle, RootsOfKnownLeavesAreThoseOfCertificateTransparency) {
  const auto leaf = [](std::string_view bytes) { return sha256({BytesView("\0", 1), bytes}); };
  const std::vector<Digest> leaves = {leaf({}), leaf({"\0", 1}), leaf({"\x10", 1})};
  EXPECT_EQ(to_hex(view(tree_hash({leaves[0]}))), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  EXPECT_EQ(to_hex(view(tree_hash({leaves[0], leaves[1]}))),
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
  EXPECT_EQ(to_hex(view(tree_hash(leaves))), "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
}

}  // namespace
}  // namespace flowstone::crash
