// A piece of a blob as a line of an export (docs/formats/export.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "base/result.hpp"
#include "eventstore/blobs.hpp"

namespace flowstone::cli {

constexpr std::size_t kMostPieceBytes = std::size_t{256} << 10;

struct PortablePiece {
  std::string workspace;
  Digest digest{};  // of the whole blob
  std::uint64_t size = 0, offset = 0;
  Bytes bytes;
};

// Appends one line, with its line end.
void append_portable(std::string_view workspace, const Digest& digest, const eventstore::BlobPiece& piece,
                     std::string& out);
// Whether a line is meant as a piece; an event never is.
bool is_piece(std::string_view line);
// The error names the member that is missing or malformed.
Result<PortablePiece, std::string> parse_piece(std::string_view line);

// Puts pieces together and stores the blobs.
//
// Cost: holds one piece. Durability: after `keep` what was taken is on disk.
class BlobAssembly {
 public:
  explicit BlobAssembly(eventstore::Blobs& blobs) : blobs_(blobs) {}

  // The error is a sentence.
  Result<void, std::string> take(const PortablePiece& piece);
  // Refuses while a blob is not whole.
  [[nodiscard]] Result<void, std::string> check_whole() const;
  Result<void, std::string> keep();
  [[nodiscard]] std::uint64_t taken() const { return taken_; }

 private:
  Result<void, std::string> begin(const PortablePiece& piece);
  Result<void, std::string> end();

  eventstore::Blobs& blobs_;
  std::unique_ptr<eventstore::BlobUpload> upload_;
  std::string workspace_;
  Digest digest_{};  // of the blob that is being put together
  std::uint64_t size_ = 0, at_ = 0;
  bool open_ = false;         // a blob has begun and is not whole
  std::uint64_t unkept_ = 0;  // bytes
  std::uint64_t taken_ = 0;   // blobs
};

}  // namespace flowstone::cli
