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

class Blobs {
 public:
  virtual ~Blobs() = default;

  // All of them with one sync; what is there already costs a look. The digests, in the given order.
  virtual Result<std::vector<Digest>, StoreError> put(std::string_view workspace, std::span<const BytesView> blobs) = 0;
  Result<Digest, StoreError> put(std::string_view workspace, BytesView blob);
  // Nothing if the workspace has no such blob.
  [[nodiscard]] virtual Result<std::optional<Bytes>, StoreError> get(std::string_view workspace,
                                                                     const Digest& digest) const = 0;
};

// In `directory`, which is made if need be. `env`: as in `StoreOptions`.
Result<std::unique_ptr<Blobs>, StoreError> open_blobs(const std::filesystem::path& directory,
                                                      rocksdb::Env* env = nullptr);

}  // namespace flowstone::eventstore
