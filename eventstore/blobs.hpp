// Files beside the log, by the digest of their bytes: what events name is kept here, once.
//
// Durability: what was put is on disk, synced, before the call returns; an event that names it is appended after that.
// Integrity: bytes that do not have their digest are never handed out (`corrupt`).
// Threads: every member may be called from any thread.
// Limits: kMostBlobBytes a blob. A workspace finds its own blobs alone, even where another one has the same bytes.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "base/result.hpp"
#include "eventstore/store.hpp"

namespace flowstone::eventstore {

constexpr std::size_t kMostBlobBytes = std::size_t{256} << 20;

// Blobs whose bytes come piece by piece, one blob after the other, so that none is ever held whole.
//
// Durability: nothing is found before `keep`; after it everything is on disk, synced. What ends without `keep` leaves
// nothing behind; what a crash cuts off is taken away when the blobs are opened the next time.
// Threads: one at a time, any. Lifetime: the blobs outlive it.
// Cost: 256 KiB of memory. Limits: kMostBlobBytes a blob.
class BlobUpload {
 public:
  BlobUpload() = default;
  virtual ~BlobUpload() = default;
  BlobUpload(const BlobUpload&) = delete;
  BlobUpload& operator=(const BlobUpload&) = delete;

  // More of the present blob.
  virtual Result<void, StoreError> add(BytesView piece) = 0;
  // Ends the present blob, also one without any bytes.
  virtual Result<Digest, StoreError> finish() = 0;
  // Makes every finished blob findable at once. The last call.
  virtual Result<void, StoreError> keep() = 0;
};

// A blob as it is handed out piece by piece: at most 256 KiB each, in order; of an empty blob one empty piece.
struct BlobPiece {
  std::uint64_t size = 0;    // of the whole blob
  std::uint64_t offset = 0;  // of this piece
  BytesView bytes;
};

class BlobReader {
 public:
  BlobReader() = default;
  virtual ~BlobReader() = default;
  BlobReader(const BlobReader&) = delete;
  BlobReader& operator=(const BlobReader&) = delete;

  // Nothing if the workspace has no such blob.
  [[nodiscard]] virtual Result<std::optional<Bytes>, StoreError> get(std::string_view workspace,
                                                                     const Digest& digest) const = 0;
  [[nodiscard]] virtual Result<bool, StoreError> contains(std::string_view workspace, const Digest& digest) const = 0;
  // Hands the blob out, or answers false if the workspace has none. Whether the bytes have their digest is known at the
  // end: `corrupt` if not, and what came before is not to be relied on. What `take` answers as an error ends it.
  // Cost: memory for one piece; a blob that was put whole is held whole.
  using TakePiece = std::function<Result<void, StoreError>(const BlobPiece& piece)>;
  [[nodiscard]] virtual Result<bool, StoreError> read(std::string_view workspace, const Digest& digest,
                                                      const TakePiece& take) const = 0;
};

class Blobs : public BlobReader {
 public:
  // All of them with one sync; what is there already costs a look. The digests, in the given order.
  virtual Result<std::vector<Digest>, StoreError> put(std::string_view workspace, std::span<const BytesView> blobs) = 0;
  Result<Digest, StoreError> put(std::string_view workspace, BytesView blob);
  virtual std::unique_ptr<BlobUpload> begin_upload(std::string_view workspace) = 0;
};

// In `directory`, which is made if need be. `env`: as in `StoreOptions`.
Result<std::unique_ptr<Blobs>, StoreError> open_blobs(const std::filesystem::path& directory,
                                                      rocksdb::Env* env = nullptr);

// Without a lock and without writing, also while a server has them open: everything that was durable when this is
// called is found. Where the directory is missing there are no blobs. Threads: one at a time.
Result<std::unique_ptr<BlobReader>, StoreError> open_blobs_to_read(const std::filesystem::path& directory);

}  // namespace flowstone::eventstore
