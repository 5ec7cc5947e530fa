// The tree's nodes as tiles of up to 256 hashes a level (the shape of C2SP tlog-tiles). docs/formats/tree.md.
//
// A tile of level L holds the roots of complete subtrees of 256^L leaves.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "eventstore/merkle.hpp"

namespace flowstone::eventstore {

struct TileId {
  std::uint8_t level = 0;
  std::uint64_t index = 0;
  auto operator<=>(const TileId&) const = default;
};

// Threads: every member may be called from any thread; `push` and `saved` from one.
class Tiles final : public NodeSource {
 public:
  static constexpr std::size_t kHashes = 256;
  static constexpr unsigned kHeight = 8;
  static constexpr std::size_t kLevels = 8;

  // Reads a saved tile; empty if it was never saved.
  using Load = std::function<Result<Bytes, StoreError>(TileId)>;
  explicit Tiles(Load load) : load_(std::move(load)) {}

  // Begins at the saved state of `size` leaves; `last_leaves` are those of the unfinished tile of level 0 (it is not
  // saved).
  Result<void, StoreError> restore(std::uint64_t size, std::span<const Digest> last_leaves);

  void push(std::span<const Digest> leaves);

  // Tiles to save: those completed since the last `saved`, and the unfinished ones above level 0 that changed.
  [[nodiscard]] std::vector<std::pair<TileId, Bytes>> unsaved() const;
  void saved();

  [[nodiscard]] std::uint64_t size() const;
  // The peaks of the tree of `size` leaves, for a CompactRange.
  Result<std::vector<Digest>, StoreError> peaks(std::uint64_t size);
  Result<Digest, StoreError> node(unsigned level, std::uint64_t index) override;

 private:
  void push_one(const Digest& leaf);
  Result<std::vector<Digest>, StoreError> hashes(TileId tile, std::size_t begin, std::size_t count);

  const Load load_;
  mutable std::mutex mutex_;
  std::uint64_t size_ = 0;
  std::array<std::vector<Digest>, kLevels> growing_;  // the unfinished tile of each level
  std::array<bool, kLevels> changed_{};
  std::map<TileId, Bytes> completed_;  // not saved yet
};

}  // namespace flowstone::eventstore
