// Blobs that come piece by piece: nothing is there before they are kept, and nothing stays of what is not.
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include "eventstore/blob_rows.hpp"
#include "eventstore/blobs.hpp"
#include "eventstore/scratch_directory.hpp"
#include "tests/eventstore/faulty_file_system.hpp"

namespace flowstone::eventstore {
namespace {

class BlobUploadTest : public testing::Test {
 protected:
  void SetUp() override { open(); }
  void open() {
    blobs_.reset();
    auto opened = open_blobs(directory_.path() / "blobs", env_.get());
    ASSERT_TRUE(opened) << opened.error().detail;
    blobs_ = *std::move(opened);
  }
  Digest add(BlobUpload& upload, const Bytes& bytes, std::size_t step = 100'000) {
    for (std::size_t at = 0; at < bytes.size(); at += step) EXPECT_TRUE(upload.add(BytesView(bytes).substr(at, step)));
    return upload.finish().value();
  }
  bool has(const Digest& digest) { return blobs_->get("w1", digest)->has_value(); }
  // Rows of the database, whatever they are of.
  std::size_t rows() {
    blobs_.reset();
    rocksdb::DB* opened = nullptr;
    rocksdb::Options options;
    EXPECT_TRUE(rocksdb::DB::OpenForReadOnly(options, (directory_.path() / "blobs").string(), &opened).ok());
    const std::unique_ptr<rocksdb::DB> database(opened);
    const std::unique_ptr<rocksdb::Iterator> each(database->NewIterator({}));
    std::size_t count = 0;
    for (each->SeekToFirst(); each->Valid(); each->Next()) ++count;
    return count;
  }

  ScratchDirectory directory_{"flowstone-blob-upload"};
  std::shared_ptr<FaultyFileSystem> faulty_ = std::make_shared<FaultyFileSystem>("blobs");
  std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(faulty_);
  std::unique_ptr<Blobs> blobs_;
  const Bytes large_ = Bytes(3 * kBlobPieceBytes + 17, 'x');
};

TEST_F(BlobUploadTest, WhatIsKeptIsFoundByItsDigest) {
  auto upload = blobs_->begin_upload("w1");
  const std::vector<Bytes> given{large_, "small", "", Bytes(kBlobPieceBytes, 'y')};
  std::vector<Digest> digests;
  for (const Bytes& bytes : given) digests.push_back(add(*upload, bytes));
  EXPECT_FALSE(has(digests[0])) << "nothing is found before it is kept";
  EXPECT_FALSE(has(digests[1]));
  ASSERT_TRUE(upload->keep());
  open();
  for (std::size_t at = 0; at < given.size(); ++at) {
    EXPECT_EQ(digests[at], sha256(given[at]));
    EXPECT_EQ(blobs_->get("w1", digests[at])->value(), given[at]);
  }
  EXPECT_FALSE(blobs_->get("w2", digests[0])->has_value());
}

TEST_F(BlobUploadTest, WhatIsNotKeptLeavesNothing) {
  auto upload = blobs_->begin_upload("w1");
  const auto digest = add(*upload, large_);
  ASSERT_TRUE(upload->add(large_));
  upload.reset();
  EXPECT_FALSE(has(digest));
  EXPECT_EQ(rows(), 0U);
}

TEST_F(BlobUploadTest, WhatACrashCutsOffIsSweptAtTheNextOpening) {
  auto upload = blobs_->begin_upload("w1");
  add(*upload, large_);
  ASSERT_TRUE(upload->add(large_));
  faulty_->fail(FaultyFileSystem::Fault::write, 0);
  upload.reset();  // cannot take anything away
  faulty_->heal();
  EXPECT_GT(rows(), 6U);
  open();
  EXPECT_EQ(rows(), 0U);
}

TEST_F(BlobUploadTest, TheSameBytesAreStoredOnce) {
  auto first = blobs_->begin_upload("w1");
  add(*first, large_);
  add(*first, "small");
  ASSERT_TRUE(first->keep());
  first.reset();
  const auto before = rows();
  open();
  auto again = blobs_->begin_upload("w1");
  auto beside = blobs_->begin_upload("w1");
  const auto digest = add(*again, large_);
  add(*again, "small");
  add(*again, "small");
  add(*beside, large_);
  ASSERT_TRUE(again->keep());
  ASSERT_TRUE(beside->keep());
  EXPECT_TRUE(blobs_->put("w1", large_));
  EXPECT_EQ(blobs_->get("w1", digest)->value(), large_);
  again.reset();
  beside.reset();
  EXPECT_EQ(rows(), before);
}

TEST_F(BlobUploadTest, OfTwoUploadsOfTheSameBytesAtOneTimeOneIsKept) {
  auto first = blobs_->begin_upload("w1");
  auto second = blobs_->begin_upload("w1");
  const auto digest = add(*first, large_);
  add(*second, large_);
  ASSERT_TRUE(first->keep());
  ASSERT_TRUE(second->keep());
  EXPECT_EQ(blobs_->get("w1", digest)->value(), large_);
  first.reset();
  second.reset();
  EXPECT_EQ(rows(), 4U + 1U) << "four pieces and the row that names them";
}

TEST_F(BlobUploadTest, ABlobHasALimit) {
  auto upload = blobs_->begin_upload("w1");
  EXPECT_FALSE(upload->add(Bytes(kMostBlobBytes + 1, 'z')));
  EXPECT_TRUE(upload->add("1"));
}

TEST_F(BlobUploadTest, ADiskThatFailsIsTold) {
  auto upload = blobs_->begin_upload("w1");
  add(*upload, large_);
  faulty_->fail(FaultyFileSystem::Fault::sync, 0);
  EXPECT_FALSE(upload->keep());
  upload.reset();
  faulty_->heal();
  open();
  auto again = blobs_->begin_upload("w1");
  const auto digest = add(*again, large_);
  ASSERT_TRUE(again->keep());
  EXPECT_EQ(blobs_->get("w1", digest)->value(), large_);
}

}  // namespace
}  // namespace flowstone::eventstore
