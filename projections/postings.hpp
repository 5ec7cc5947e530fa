// For each actor, correlation and workspace: the positions of its events, in blocks.
//
// A block's key ends with its first position; its value is the distances to the following ones (LEB128), in order.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/position.hpp"
#include "base/result.hpp"
#include "projections/views.hpp"

namespace flowstone::projections {

enum class PostingKind : char { workspace = 1, actor = 2, correlation = 3 };

// Everything in a block's key before its first position.
Bytes posting_prefix(BuildId build, PostingKind kind, std::string_view workspace, std::string_view text);

Bytes encode_distances(const std::vector<std::uint64_t>& positions);
// The positions of a block; nothing if the bytes are not such a block.
std::optional<std::vector<std::uint64_t>> decode_positions(std::uint64_t first, BytesView distances);

// The positions under a prefix from the newest to the oldest.
class PostingReader {
 public:
  // Starts with the newest position that is not beyond `from`.
  PostingReader(const Snapshot& snapshot, Bytes prefix, Position from);
  // {0}: there is no more.
  Result<Position, std::string> next();

 private:
  const Bytes prefix_;
  const std::uint64_t from_;
  std::unique_ptr<rocksdb::Iterator> blocks_;
  std::vector<std::uint64_t> left_;  // of the block at hand, the newest last
};

}  // namespace flowstone::projections
