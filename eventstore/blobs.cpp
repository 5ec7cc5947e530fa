#include "eventstore/blobs.hpp"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include "base/check.hpp"
#include "base/running_digest.hpp"
#include "eventstore/blob_rows.hpp"
#include "eventstore/storage_error.hpp"

namespace flowstone::eventstore {
namespace {

constexpr std::size_t kCacheBytes = 8 << 20;
constexpr std::uint64_t kSmallestBlobFileValue = 2 << 10;  // below it a value is cheaper beside its key

rocksdb::Options make_options(rocksdb::Env* env) {
  rocksdb::Options options;
  if (env != nullptr) options.env = env;
  options.create_if_missing = true;
  options.compression = rocksdb::kLZ4Compression;
  options.write_buffer_size = 16 << 20;
  options.max_bgerror_resume_count = 0;
  options.track_and_verify_wals_in_manifest = true;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.enable_blob_files = true;
  options.min_blob_size = kSmallestBlobFileValue;
  options.blob_compression_type = rocksdb::kLZ4Compression;
  options.enable_blob_garbage_collection = true;  // uploads that broke off give their room back
  options.keep_log_file_num = 4;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(kCacheBytes);
  table.format_version = 5;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

class RocksBlobs final : public Blobs {
 public:
  explicit RocksBlobs(std::unique_ptr<rocksdb::DB> database) : database_(std::move(database)), rows_(*database_) {}
  ~RocksBlobs() override { database_->Close().PermitUncheckedError(); }

  using Blobs::put;
  Result<std::vector<Digest>, StoreError> put(std::string_view workspace, std::span<const BytesView> blobs) override {
    std::vector<Digest> digests(blobs.size());
    sha256_each(blobs, digests);
    rocksdb::WriteBatch batch;
    for (std::size_t at = 0; at < blobs.size(); ++at) {
      if (blobs[at].size() > kMostBlobBytes) {
        return failure(StoreError{.code = StoreError::Code::io,
                                  .position = {},
                                  .detail = fmt::format("a blob has at most {} bytes", kMostBlobBytes)});
      }
      FLOWSTONE_TRY(const bool known, rows_.contains(workspace, digests[at]));
      if (!known)
        check(batch.Put(whole_key(workspace, digests[at]), rocksdb::Slice(blobs[at].data(), blobs[at].size())).ok(),
              "a batch takes a blob");
    }
    if (batch.Count() == 0) return digests;
    rocksdb::WriteOptions options;
    options.sync = true;
    if (const auto status = database_->Write(options, &batch); !status.ok())
      return failure(storage_error(status, "writing a blob"));
    return digests;
  }

  [[nodiscard]] Result<std::optional<Bytes>, StoreError> get(std::string_view workspace,
                                                             const Digest& digest) const override {
    FLOWSTONE_TRY(auto bytes, rows_.read(workspace, digest));
    if (bytes && sha256(*bytes) != digest) return failure(not_its_digest(digest));
    return bytes;
  }
  [[nodiscard]] Result<bool, StoreError> contains(std::string_view workspace, const Digest& digest) const override {
    return rows_.contains(workspace, digest);
  }
  [[nodiscard]] Result<bool, StoreError> read(std::string_view workspace, const Digest& digest,
                                              const TakePiece& take) const override {
    RunningDigest sum;
    FLOWSTONE_TRY(const bool there, rows_.read(workspace, digest, 0, [&](const BlobPiece& piece) {
      sum.add(piece.bytes);
      return take(piece);
    }));
    if (there && sum.finish() != digest) return failure(not_its_digest(digest));
    return there;
  }

  std::unique_ptr<BlobUpload> begin_upload(std::string_view workspace) override {
    return begin_blob_upload(rows_, workspace);
  }

  Result<void, StoreError> sweep() { return rows_.sweep(); }

 private:
  std::unique_ptr<rocksdb::DB> database_;
  BlobRows rows_;
};

}  // namespace

Result<Digest, StoreError> Blobs::put(std::string_view workspace, BytesView blob) {
  FLOWSTONE_TRY(const auto digests, put(workspace, std::span(&blob, 1)));
  return digests.front();
}

Result<std::unique_ptr<Blobs>, StoreError> open_blobs(const std::filesystem::path& directory, rocksdb::Env* env) {
  rocksdb::DB* database = nullptr;
  const auto status = rocksdb::DB::Open(make_options(env), directory.string(), &database);
  if (!status.ok()) return failure(storage_error(status, "opening the blobs"));
  auto blobs = std::make_unique<RocksBlobs>(std::unique_ptr<rocksdb::DB>(database));
  FLOWSTONE_TRY_VOID(blobs->sweep());
  return blobs;
}

}  // namespace flowstone::eventstore
