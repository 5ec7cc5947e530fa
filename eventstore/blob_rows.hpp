// How blobs lie in their database: whole under their digest, or in pieces that an upload wrote and a row names.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include <rocksdb/db.h>

#include "eventstore/blobs.hpp"

namespace flowstone::eventstore {

constexpr std::size_t kBlobPieceBytes = std::size_t{256} << 10;

// Workspaces are texts without NUL and 0x01; digests have one length: no key is the beginning of another one.
Bytes whole_key(std::string_view workspace, const Digest& digest);
Bytes pieces_key(std::string_view workspace, const Digest& digest);

// Where the pieces of a blob are.
struct BlobPieces {
  Bytes upload;              // its 16 random bytes
  std::uint32_t number = 0;  // of the blob in its upload
  std::uint32_t count = 0;
  std::uint64_t size = 0;  // of all pieces together
};
Bytes pack_pieces(const BlobPieces& pieces);

// Begins with 0xff, which no text does.
Bytes piece_key(BytesView upload, std::uint32_t blob, std::uint32_t piece);
// There while the upload is under way.
Bytes upload_key(BytesView upload);

// Threads: every member may be called from any thread.
class BlobRows {
 public:
  explicit BlobRows(rocksdb::DB& database) : database_(database) {}

  [[nodiscard]] Result<bool, StoreError> contains(std::string_view workspace, const Digest& digest) const;
  // Not yet checked against the digest.
  [[nodiscard]] Result<std::optional<Bytes>, StoreError> read(std::string_view workspace, const Digest& digest) const;
  // Hands out what comes behind the first `from` bytes, which are whole pieces; not yet checked against the digest.
  [[nodiscard]] Result<bool, StoreError> read(std::string_view workspace, const Digest& digest, std::uint64_t from,
                                              const BlobReader::TakePiece& take) const;
  // Takes away what uploads left behind that did not come to their end. Before any begins.
  Result<void, StoreError> sweep();

  [[nodiscard]] rocksdb::DB& database() const { return database_; }
  // Held from the look whether a blob is there to the write that puts it there.
  [[nodiscard]] std::mutex& keeping() { return keeping_; }

 private:
  [[nodiscard]] Result<std::optional<Bytes>, StoreError> row(const Bytes& key) const;
  [[nodiscard]] Result<std::optional<BlobPieces>, StoreError> pieces_of(std::string_view workspace,
                                                                        const Digest& digest) const;
  [[nodiscard]] Result<Bytes, StoreError> piece(const BlobPieces& pieces, std::uint32_t at, const Digest& digest) const;

  rocksdb::DB& database_;
  std::mutex keeping_;
};

// What `Blobs::get` and `Blobs::read` say of a blob that is not what it should be.
StoreError not_its_digest(const Digest& digest);

std::unique_ptr<BlobUpload> begin_blob_upload(BlobRows& rows, std::string_view workspace);

}  // namespace flowstone::eventstore
