#include "cli/portable_blob.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fmt/core.h>

#include "cli/log_directory.hpp"
#include "cli/portable_members.hpp"

namespace flowstone::cli {
namespace {

constexpr std::string_view kBegin = R"({"type":"flowstone.export.blob",)";
constexpr std::uint64_t kMostUnkept = std::uint64_t{64} << 20;

std::string named(const Digest& digest) { return to_hex(view(digest)); }

}  // namespace

void append_portable(std::string_view workspace, const Digest& digest, const eventstore::BlobPiece& piece,
                     std::string& out) {
  out += kBegin;
  out += fmt::format(R"("source":"/workspaces/{}","sha256":"{}","size":{},"offset":{})", workspace, named(digest),
                     piece.size, piece.offset);
  append_member("bytes", to_base64(piece.bytes), out);
  out += "}\n";
}

bool is_piece(std::string_view line) { return line.starts_with(kBegin); }

Result<PortablePiece, std::string> parse_piece(std::string_view line) {
  boost::system::error_code error;
  const auto document = boost::json::parse(line, error);
  if (error || !document.is_object()) return failure(std::string("is no JSON object"));
  PortableMembers members(document.get_object());
  PortablePiece piece{.workspace = members.workspace(),
                      .digest = members.digest("sha256"),
                      .size = members.number("size", eventstore::kMostBlobBytes),
                      .offset = members.number("offset", eventstore::kMostBlobBytes),
                      .bytes = members.base64("bytes")};
  if (piece.bytes.size() > kMostPieceBytes)
    members.wrong("bytes", fmt::format("are more than {}, the most of a piece", kMostPieceBytes));
  if (piece.bytes.size() > piece.size - std::min(piece.size, piece.offset))
    members.wrong("bytes", "go beyond the size of the file");
  if (piece.bytes.empty() && piece.size > 0) members.wrong("bytes", "are missing");
  if (!members.problem().empty()) return failure(members.problem());
  return piece;
}

Result<void, std::string> BlobAssembly::take(const PortablePiece& piece) {
  if (!open_) FLOWSTONE_TRY_VOID(begin(piece));
  if (piece.digest != digest_ || piece.workspace != workspace_ || piece.size != size_ || piece.offset != at_)
    return failure(fmt::format("the file {} is cut short: after {} of its {} bytes comes something else",
                               named(digest_), at_, size_));
  if (const auto added = upload_->add(piece.bytes); !added) return failure(sentence_of(added.error()));
  at_ += piece.bytes.size();
  return at_ == size_ ? end() : Result<void, std::string>();
}

Result<void, std::string> BlobAssembly::begin(const PortablePiece& piece) {
  if (piece.offset != 0)
    return failure(fmt::format("the file {} begins in its middle, at byte {}", named(piece.digest), piece.offset));
  if (upload_ != nullptr && (piece.workspace != workspace_ || unkept_ >= kMostUnkept)) FLOWSTONE_TRY_VOID(keep());
  if (upload_ == nullptr) upload_ = blobs_.begin_upload(piece.workspace);
  workspace_ = piece.workspace;
  digest_ = piece.digest;
  size_ = piece.size;
  at_ = 0;
  open_ = true;
  return {};
}

Result<void, std::string> BlobAssembly::end() {
  const auto digest = upload_->finish();
  if (!digest) return failure(sentence_of(digest.error()));
  if (*digest != digest_)
    return failure(
        fmt::format("the file {} does not have its digest: its bytes have {}", named(digest_), named(*digest)));
  open_ = false;
  unkept_ += size_;
  ++taken_;
  return {};
}

Result<void, std::string> BlobAssembly::check_whole() const {
  if (!open_) return {};
  return failure(
      fmt::format("the file {} is cut short: only {} of its {} bytes are there", named(digest_), at_, size_));
}

Result<void, std::string> BlobAssembly::keep() {
  FLOWSTONE_TRY_VOID(check_whole());
  if (upload_ == nullptr) return {};
  if (const auto kept = upload_->keep(); !kept) return failure(sentence_of(kept.error()));
  upload_.reset();
  unkept_ = 0;
  return {};
}

}  // namespace flowstone::cli
