// Files beside the log: kept once, found by their digest alone, there after a power cut, never handed out damaged.
#include "eventstore/blobs.hpp"

#include <fstream>
#include <random>

#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include "eventstore/scratch_directory.hpp"
#include "tests/eventstore/faulty_file_system.hpp"

namespace flowstone::eventstore {
namespace {

class BlobsTest : public testing::Test {
 protected:
  void SetUp() override { open(); }
  void open() {
    auto opened = open_blobs(directory_.path() / "blobs", env_.get());
    ASSERT_TRUE(opened) << opened.error().detail;
    blobs_ = *std::move(opened);
  }

  ScratchDirectory directory_{"flowstone-blobs"};
  std::shared_ptr<FaultyFileSystem> faulty_ = std::make_shared<FaultyFileSystem>("blobs");
  std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(faulty_);
  std::unique_ptr<Blobs> blobs_;
};

TEST_F(BlobsTest, WhatWasPutIsFoundByItsDigest) {
  const Bytes large(100'000, 'x');
  const std::vector<BytesView> given{"small", large, ""};
  const auto digests = blobs_->put("w1", given);
  ASSERT_TRUE(digests);
  ASSERT_EQ(digests->size(), 3U);
  EXPECT_EQ((*digests)[0], sha256("small"));
  for (std::size_t at = 0; at < given.size(); ++at) EXPECT_EQ(blobs_->get("w1", (*digests)[at])->value(), given[at]);
}

TEST_F(BlobsTest, AnotherWorkspaceDoesNotFindIt) {
  const auto digest = blobs_->put("w1", "secret");
  ASSERT_TRUE(digest);
  EXPECT_FALSE(blobs_->get("w2", *digest)->has_value());
  EXPECT_FALSE(blobs_->get("w1", sha256("other"))->has_value());
}

TEST_F(BlobsTest, TheSameBytesAreStoredOnce) {
  ASSERT_TRUE(blobs_->put("w1", "twice"));
  faulty_->fail(FaultyFileSystem::Fault::write, 0);
  EXPECT_TRUE(blobs_->put("w1", "twice")) << "a second copy would have to be written";
  EXPECT_FALSE(blobs_->put("w1", "new"));
  faulty_->heal();
}

TEST_F(BlobsTest, WhatWasAcknowledgedIsThereAfterAPowerCut) {
  std::mt19937_64 random(7);
  std::vector<Digest> digests;
  for (int at = 0; at < 50; ++at)
    digests.push_back(blobs_->put("w1", Bytes(5'000, static_cast<char>('a' + at))).value());
  faulty_->cut_power();
  blobs_.reset();
  faulty_->settle(random);
  faulty_->heal();
  open();
  for (const Digest& digest : digests) EXPECT_TRUE(blobs_->get("w1", digest)->has_value());
}

TEST_F(BlobsTest, BytesWithoutTheirDigestAreNotHandedOut) {
  const Bytes content(64'000, 'q');
  const auto digest = blobs_->put("w1", content);
  ASSERT_TRUE(digest);
  blobs_.reset();
  bool flipped = false;
  for (const auto& entry : std::filesystem::directory_iterator(directory_.path() / "blobs")) {
    if (entry.path().extension() != ".log" && entry.path().extension() != ".blob") continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(entry.file_size() / 2));
    file.put('!');
    flipped = flipped || entry.file_size() > 100;
  }
  ASSERT_TRUE(flipped);
  auto opened = open_blobs(directory_.path() / "blobs");
  if (!opened) return;  // found when it was opened
  const auto read = (*opened)->get("w1", *digest);
  EXPECT_TRUE(!read || !read->has_value()) << "damaged bytes were handed out";
}

}  // namespace
}  // namespace flowstone::eventstore
