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

// Of a blob: its bytes, put together of its pieces, which come in order and are not too large.
std::optional<Bytes> pieces_of(const BlobReader& blobs, const Digest& digest) {
  Bytes bytes;
  const auto there = blobs.read("w1", digest, [&](const BlobPiece& piece) -> Result<void, StoreError> {
    EXPECT_EQ(piece.offset, bytes.size());
    EXPECT_LE(piece.bytes.size(), kBlobPieceBytes);
    bytes.append(piece.bytes);
    return {};
  });
  EXPECT_TRUE(there) << there.error().detail;
  if (!there || !*there) return std::nullopt;
  return bytes;
}

TEST_F(BlobUploadTest, BlobsAreHandedOutInPiecesHoweverTheyCame) {
  auto upload = blobs_->begin_upload("w1");
  std::vector<Bytes> given{large_, "small", "", Bytes(kBlobPieceBytes, 'y'), Bytes(2 * kBlobPieceBytes, 'w')};
  for (const Bytes& bytes : given) add(*upload, bytes);
  ASSERT_TRUE(upload->keep());
  given.emplace_back(2 * kBlobPieceBytes + 1, 'z');
  given.emplace_back("whole");
  for (const Bytes& bytes : given) ASSERT_TRUE(blobs_->put("w1", bytes));
  const auto beside = open_blobs_to_read(directory_.path() / "blobs");
  ASSERT_TRUE(beside) << beside.error().detail;
  for (const Bytes& bytes : given) {
    EXPECT_EQ(pieces_of(*blobs_, sha256(bytes)), bytes);
    EXPECT_EQ(pieces_of(**beside, sha256(bytes)), bytes);
    EXPECT_TRUE((*beside)->contains("w1", sha256(bytes)).value());
    EXPECT_EQ((*beside)->get("w1", sha256(bytes))->value(), bytes);
  }
  EXPECT_EQ(pieces_of(**beside, sha256("none")), std::nullopt);
}

TEST_F(BlobUploadTest, WhatTheTakerRefusesEndsTheReading) {
  const Digest digest = blobs_->put("w1", large_).value();
  int pieces = 0;
  const auto read = blobs_->read("w1", digest, [&](const BlobPiece&) -> Result<void, StoreError> {
    ++pieces;
    return failure(StoreError{.code = StoreError::Code::io, .position = {}, .detail = "full"});
  });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().detail, "full");
  EXPECT_EQ(pieces, 1);
}

TEST(BlobsToRead, AreNoneWhereThereIsNoDirectory) {
  const ScratchDirectory directory("flowstone-blobs");
  const auto blobs = open_blobs_to_read(directory.path() / "none");
  ASSERT_TRUE(blobs);
  EXPECT_FALSE((*blobs)->contains("w1", sha256("x")).value());
  EXPECT_FALSE((*blobs)->get("w1", sha256("x"))->has_value());
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "none"));
}

}  // namespace
}  // namespace flowstone::eventstore
