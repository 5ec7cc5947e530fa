// Blobs that another process may be writing.
#include <fmt/format.h>
#include <rocksdb/db.h>

#include "base/running_digest.hpp"
#include "eventstore/blob_rows.hpp"
#include "eventstore/blobs.hpp"
#include "eventstore/storage_error.hpp"

namespace flowstone::eventstore {
namespace {

constexpr int kAttempts = 5;

class NoBlobs final : public BlobReader {
 public:
  [[nodiscard]] Result<std::optional<Bytes>, StoreError> get(std::string_view, const Digest&) const override {
    return std::nullopt;
  }
  [[nodiscard]] Result<bool, StoreError> contains(std::string_view, const Digest&) const override { return false; }
  [[nodiscard]] Result<bool, StoreError> read(std::string_view, const Digest&, const TakePiece&) const override {
    return false;
  }
};

// Whoever writes also takes files away that it has merged into others: then the database is opened anew, and the same
// is asked again.
class OpenedToRead final : public BlobReader {
 public:
  explicit OpenedToRead(std::filesystem::path directory) : directory_(std::move(directory)) {}

  Result<void, StoreError> open() const {
    rows_.reset();
    database_.reset();
    rocksdb::Status status;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      rocksdb::DB* opened = nullptr;
      status = rocksdb::DB::OpenForReadOnly({}, directory_.string(), &opened);
      if (!status.ok()) continue;
      database_.reset(opened);
      rows_ = std::make_unique<BlobRows>(*database_);
      return {};
    }
    return failure(storage_error(status, "opening the blobs"));
  }

  [[nodiscard]] Result<std::optional<Bytes>, StoreError> get(std::string_view workspace,
                                                             const Digest& digest) const override {
    auto bytes = asked([&] { return rows_->read(workspace, digest); });
    if (bytes && *bytes && sha256(**bytes) != digest) return failure(not_its_digest(digest));
    return bytes;
  }
  [[nodiscard]] Result<bool, StoreError> contains(std::string_view workspace, const Digest& digest) const override {
    return asked([&] { return rows_->contains(workspace, digest); });
  }
  [[nodiscard]] Result<bool, StoreError> read(std::string_view workspace, const Digest& digest,
                                              const TakePiece& take) const override {
    RunningDigest sum;
    std::uint64_t done = 0;
    std::optional<StoreError> refused;
    const auto next = [&](const BlobPiece& piece) -> Result<void, StoreError> {
      sum.add(piece.bytes);
      done = piece.offset + piece.bytes.size();
      auto taken = take(piece);
      if (!taken) refused = taken.error();
      return taken;
    };
    auto there = asked([&]() -> Result<bool, StoreError> {
      if (refused) return failure(*refused);
      return rows_->read(workspace, digest, done, next);
    });
    if (there && *there && sum.finish() != digest) return failure(not_its_digest(digest));
    return there;
  }

 private:
  template <class Ask>
  auto asked(const Ask& ask) const -> decltype(ask()) {
    auto answer = ask();
    for (int attempt = 1; attempt < kAttempts && !answer && answer.error().code == StoreError::Code::io; ++attempt) {
      if (auto opened = open(); !opened) return failure(std::move(opened.error()));
      answer = ask();
    }
    return answer;
  }

  const std::filesystem::path directory_;
  mutable std::unique_ptr<rocksdb::DB> database_;
  mutable std::unique_ptr<BlobRows> rows_;
};

}  // namespace

Result<std::unique_ptr<BlobReader>, StoreError> open_blobs_to_read(const std::filesystem::path& directory) {
  if (!std::filesystem::exists(directory / "CURRENT")) return std::make_unique<NoBlobs>();
  auto blobs = std::make_unique<OpenedToRead>(directory);
  FLOWSTONE_TRY_VOID(blobs->open());
  return blobs;
}

}  // namespace flowstone::eventstore
