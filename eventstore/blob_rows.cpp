#include "eventstore/blob_rows.hpp"

#include <fmt/format.h>
#include <rocksdb/write_batch.h>

#include "base/check.hpp"
#include "eventstore/storage_error.hpp"

namespace flowstone::eventstore {
namespace {

constexpr std::size_t kUploadBytes = 16;
constexpr std::string_view kPiece = "\xffp";
constexpr std::string_view kUpload = "\xffu";

template <class Number>
void append_number(Number number, Bytes& out) {
  for (int shift = static_cast<int>(sizeof(Number)) * 8 - 8; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(number >> static_cast<unsigned>(shift) & 0xffU));
}

template <class Number>
Number take_number(BytesView& bytes) {
  Number number = 0;
  for (const char byte : bytes.substr(0, sizeof(Number)))
    number = static_cast<Number>(number << 8U | static_cast<unsigned char>(byte));
  bytes.remove_prefix(sizeof(Number));
  return number;
}

std::optional<BlobPieces> unpack_pieces(BytesView row) {
  if (row.size() != kUploadBytes + 16) return std::nullopt;
  BlobPieces pieces;
  pieces.upload = row.substr(0, kUploadBytes);
  row.remove_prefix(kUploadBytes);
  pieces.number = take_number<std::uint32_t>(row);
  pieces.count = take_number<std::uint32_t>(row);
  pieces.size = take_number<std::uint64_t>(row);
  if (pieces.size > kMostBlobBytes) return std::nullopt;
  return pieces;
}

Bytes key_of(std::string_view workspace, char kind, const Digest& digest) {
  Bytes key(workspace);
  key.push_back(kind);
  key.append(view(digest));
  return key;
}

}  // namespace

Bytes whole_key(std::string_view workspace, const Digest& digest) { return key_of(workspace, '\0', digest); }
Bytes pieces_key(std::string_view workspace, const Digest& digest) { return key_of(workspace, '\1', digest); }

Bytes pack_pieces(const BlobPieces& pieces) {
  Bytes row = pieces.upload;
  append_number(pieces.number, row);
  append_number(pieces.count, row);
  append_number(pieces.size, row);
  return row;
}

Bytes piece_key(BytesView upload, std::uint32_t blob, std::uint32_t piece) {
  Bytes key(kPiece);
  key.append(upload);
  append_number(blob, key);
  append_number(piece, key);
  return key;
}

Bytes upload_key(BytesView upload) { return Bytes(kUpload).append(upload); }

Result<std::optional<Bytes>, StoreError> BlobRows::row(const Bytes& key) const {
  Bytes value;
  const auto status = database_.Get({}, key, &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return failure(storage_error(status, "reading a blob"));
  return value;
}

Result<bool, StoreError> BlobRows::contains(std::string_view workspace, const Digest& digest) const {
  for (const Bytes& key : {whole_key(workspace, digest), pieces_key(workspace, digest)}) {
    rocksdb::PinnableSlice value;
    const auto status = database_.Get({}, database_.DefaultColumnFamily(), key, &value);
    if (status.ok()) return true;
    if (!status.IsNotFound()) return failure(storage_error(status, "looking for a blob"));
  }
  return false;
}

Result<std::optional<BlobPieces>, StoreError> BlobRows::pieces_of(std::string_view workspace,
                                                                  const Digest& digest) const {
  FLOWSTONE_TRY(const auto found, row(pieces_key(workspace, digest)));
  if (!found) return std::nullopt;
  auto pieces = unpack_pieces(*found);
  if (!pieces) return failure(corrupt({}, fmt::format("the row of blob {} is damaged", to_hex(view(digest)))));
  return pieces;
}

Result<Bytes, StoreError> BlobRows::piece(const BlobPieces& pieces, std::uint32_t at, const Digest& digest) const {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  Bytes bytes;
  const auto status = database_.Get(options, piece_key(pieces.upload, pieces.number, at), &bytes);
  if (status.IsNotFound())
    return failure(corrupt({}, fmt::format("a piece of blob {} is missing", to_hex(view(digest)))));
  if (!status.ok()) return failure(storage_error(status, "reading a piece of a blob"));
  return bytes;
}

Result<std::optional<Bytes>, StoreError> BlobRows::read(std::string_view workspace, const Digest& digest) const {
  FLOWSTONE_TRY(auto whole, row(whole_key(workspace, digest)));
  if (whole) return whole;
  FLOWSTONE_TRY(const auto pieces, pieces_of(workspace, digest));
  if (!pieces) return std::nullopt;
  Bytes bytes;
  bytes.reserve(pieces->size);
  for (std::uint32_t at = 0; at < pieces->count; ++at) {
    FLOWSTONE_TRY(const Bytes part, piece(*pieces, at, digest));
    bytes.append(part);
  }
  return bytes;
}

Result<bool, StoreError> BlobRows::read(std::string_view workspace, const Digest& digest, std::uint64_t from,
                                        const BlobReader::TakePiece& take) const {
  FLOWSTONE_TRY(const auto whole, row(whole_key(workspace, digest)));
  if (whole) {
    const BytesView bytes = *whole;
    for (std::uint64_t at = from; at < bytes.size() || at == 0; at += kBlobPieceBytes)
      FLOWSTONE_TRY_VOID(take({.size = bytes.size(), .offset = at, .bytes = bytes.substr(at, kBlobPieceBytes)}));
    return true;
  }
  FLOWSTONE_TRY(const auto pieces, pieces_of(workspace, digest));
  if (!pieces) return false;
  for (std::uint64_t at = from; at < pieces->size || at == 0; at += kBlobPieceBytes) {
    Bytes bytes;
    if (pieces->count > 0) {
      FLOWSTONE_TRY(bytes, piece(*pieces, static_cast<std::uint32_t>(at / kBlobPieceBytes), digest));
    }
    FLOWSTONE_TRY_VOID(take({.size = pieces->size, .offset = at, .bytes = bytes}));
  }
  return true;
}

Result<void, StoreError> BlobRows::sweep() {
  rocksdb::WriteBatch batch;
  const std::unique_ptr<rocksdb::Iterator> uploads(database_.NewIterator({}));
  for (uploads->Seek(rocksdb::Slice(kUpload.data(), kUpload.size())); uploads->Valid(); uploads->Next()) {
    const BytesView key(uploads->key().data(), uploads->key().size());
    if (!key.starts_with(kUpload)) break;
    const auto upload = key.substr(kUpload.size());
    check(batch.DeleteRange(piece_key(upload, 0, 0), piece_key(upload, UINT32_MAX, UINT32_MAX)).ok(),
          "a batch takes a range");
    check(batch.Delete(uploads->key()).ok(), "a batch takes a key");
  }
  if (!uploads->status().ok()) return failure(storage_error(uploads->status(), "looking for broken uploads"));
  if (batch.Count() == 0) return {};
  if (const auto status = database_.Write({}, &batch); !status.ok())
    return failure(storage_error(status, "taking broken uploads away"));
  return {};
}

StoreError not_its_digest(const Digest& digest) {
  return corrupt({}, fmt::format("blob {} does not have its digest", to_hex(view(digest))));
}

}  // namespace flowstone::eventstore
