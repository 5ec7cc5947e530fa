#include <limits>
#include <map>

#include <fmt/format.h>
#include <rocksdb/write_batch.h>

#include "base/check.hpp"
#include "base/running_digest.hpp"
#include "eventstore/blob_rows.hpp"
#include "eventstore/storage_error.hpp"

namespace flowstone::eventstore {
namespace {

constexpr std::size_t kUploadBytes = 16;

class RocksUpload final : public BlobUpload {
 public:
  RocksUpload(BlobRows& rows, std::string_view workspace)
      : rows_(rows), workspace_(workspace), upload_(random_bytes(kUploadBytes)) {}
  ~RocksUpload() override {
    if (kept_ || !begun_) return;
    rocksdb::WriteBatch batch;
    forget(batch, 0, std::numeric_limits<std::uint32_t>::max());
    check(batch.Delete(upload_key(upload_)).ok(), "a batch takes a key");
    // What cannot be taken away now is when the blobs are opened the next time.
    rows_.database().Write({}, &batch).PermitUncheckedError();
  }
  RocksUpload(const RocksUpload&) = delete;
  RocksUpload& operator=(const RocksUpload&) = delete;

  Result<void, StoreError> add(BytesView bytes) override {
    if (size_ + bytes.size() > kMostBlobBytes) {
      return failure(StoreError{.code = StoreError::Code::io,
                                .position = {},
                                .detail = fmt::format("a blob has at most {} bytes", kMostBlobBytes)});
    }
    digest_.add(bytes);
    size_ += bytes.size();
    while (!bytes.empty()) {
      const auto part = bytes.substr(0, kBlobPieceBytes - piece_.size());
      piece_.append(part);
      bytes.remove_prefix(part.size());
      if (piece_.size() == kBlobPieceBytes) FLOWSTONE_TRY_VOID(write_piece());
    }
    return {};
  }

  Result<Digest, StoreError> finish() override {
    const Digest digest = digest_.finish();
    FLOWSTONE_TRY(bool known, rows_.contains(workspace_, digest));
    known = known || finished_.contains(digest);
    if (known && pieces_ > 0) {
      rocksdb::WriteBatch batch;
      forget(batch, number_, number_ + 1);
      FLOWSTONE_TRY_VOID(write(batch, false));
    } else if (!known) {
      if (!piece_.empty()) FLOWSTONE_TRY_VOID(write_piece());
      finished_[digest] = {.upload = upload_, .number = number_, .count = pieces_, .size = size_};
    }
    piece_.clear();
    pieces_ = 0;
    size_ = 0;
    ++number_;
    return digest;
  }

  Result<void, StoreError> keep() override {
    const std::lock_guard lock(rows_.keeping());
    rocksdb::WriteBatch batch;
    for (const auto& [digest, pieces] : finished_) {
      FLOWSTONE_TRY(const bool known, rows_.contains(workspace_, digest));
      if (known) {
        forget(batch, pieces.number, pieces.number + 1);
      } else {
        check(batch.Put(pieces_key(workspace_, digest), pack_pieces(pieces)).ok(), "a batch takes a row");
      }
    }
    if (begun_) check(batch.Delete(upload_key(upload_)).ok(), "a batch takes a key");
    if (batch.Count() > 0) FLOWSTONE_TRY_VOID(write(batch, true));
    kept_ = true;
    return {};
  }

 private:
  Result<void, StoreError> write_piece() {
    rocksdb::WriteBatch batch;
    if (!begun_) check(batch.Put(upload_key(upload_), "").ok(), "a batch takes a key");
    check(batch.Put(piece_key(upload_, number_, pieces_), piece_).ok(), "a batch takes a piece");
    begun_ = true;
    FLOWSTONE_TRY_VOID(write(batch, false));
    ++pieces_;
    piece_.clear();
    return {};
  }

  // The pieces of the blobs from `first` to before `last`.
  void forget(rocksdb::WriteBatch& batch, std::uint32_t first, std::uint32_t last) {
    check(batch.DeleteRange(piece_key(upload_, first, 0), piece_key(upload_, last, 0)).ok(), "a batch takes a range");
  }

  Result<void, StoreError> write(rocksdb::WriteBatch& batch, bool sync) {
    rocksdb::WriteOptions options;
    options.sync = sync;
    const auto status = rows_.database().Write(options, &batch);
    if (!status.ok()) return failure(storage_error(status, "writing a blob"));
    return {};
  }

  BlobRows& rows_;
  const Bytes workspace_, upload_;
  RunningDigest digest_;
  Bytes piece_;  // not yet written
  std::uint32_t number_ = 0, pieces_ = 0;
  std::uint64_t size_ = 0;
  std::map<Digest, BlobPieces> finished_;
  bool begun_ = false, kept_ = false;
};

}  // namespace

std::unique_ptr<BlobUpload> begin_blob_upload(BlobRows& rows, std::string_view workspace) {
  return std::make_unique<RocksUpload>(rows, workspace);
}

}  // namespace flowstone::eventstore
