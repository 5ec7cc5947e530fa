// Files beside the log, by the digest of their bytes: what events name is kept here, once.
//
// Durability: what was put is on disk, synced, before the call returns; an event that names it is appended after that.
// Integrity: bytes that do not have their digest are never handed out (`corrupt`).
// Threads: every member may be called from any thread.
// Limits: kMostBlobBytes a blob. A workspace finds its own blobs alone, even where another one has the same bytes.
#pragma once

#include <filesystem>
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

class Blobs {
 public:
  virtual ~Blobs() = default;

  // All of them with one sync; what is there already costs a look. The digests, in the given order.
  virtual Result<std::vector<Digest>, StoreError> put(std::string_view workspace, std::span<const BytesView> blobs) = 0;
  Result<Digest, StoreError> put(std::string_view workspace, BytesView blob);
  // Nothing if the workspace has no such blob.
  [[nodiscard]] virtual Result<std::optional<Bytes>, StoreError> get(std::string_view workspace,
                                                                     const Digest& digest) const = 0;
  virtual std::unique_ptr<BlobUpload> begin_upload(std::string_view workspace) = 0;
};

// In `directory`, which is made if need be. `env`: as in `StoreOptions`.
Result<std::unique_ptr<Blobs>, StoreError> open_blobs(const std::filesystem::path& directory,
                                                      rocksdb::Env* env = nullptr);

}  // namespace flowstone::eventstore
