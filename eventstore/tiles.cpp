#include "eventstore/tiles.hpp"

#include <bit>
#include <cstring>

#include <fmt/format.h>

#include "base/check.hpp"
#include "eventstore/storage_error.hpp"

namespace flowstone::eventstore {
namespace {

Bytes to_bytes(std::span<const Digest> hashes) {
  Bytes bytes;
  bytes.reserve(hashes.size() * sizeof(Digest));
  for (const Digest& hash : hashes) bytes.append(view(hash));
  return bytes;
}

std::vector<Digest> from_bytes(BytesView bytes) {
  std::vector<Digest> hashes(bytes.size() / sizeof(Digest));
  std::memcpy(hashes.data(), bytes.data(), hashes.size() * sizeof(Digest));
  return hashes;
}

// The root of a complete subtree from its 2^n nodes.
Digest fold(std::vector<Digest> nodes) {
  while (nodes.size() > 1) hash_pairs(nodes);
  return nodes.front();
}

}  // namespace

Result<void, StoreError> Tiles::restore(std::uint64_t size, std::span<const Digest> last_leaves) {
  check(last_leaves.size() == size % kHashes, "the unfinished tile of level 0 is given whole");
  size_ = size;
  growing_[0].assign(last_leaves.begin(), last_leaves.end());
  for (std::uint8_t level = 1; level < kLevels; ++level) {
    const std::uint64_t nodes = size >> (kHeight * level);
    if (nodes % kHashes == 0) continue;
    FLOWSTONE_TRY(growing_[level], hashes({.level = level, .index = nodes / kHashes}, 0, nodes % kHashes));
  }
  return {};
}

void Tiles::push(std::span<const Digest> leaves) {
  const std::lock_guard guard(mutex_);
  for (const Digest& leaf : leaves) push_one(leaf);
}

void Tiles::push_one(const Digest& leaf) {
  ++size_;
  Digest hash = leaf;
  for (std::uint8_t level = 0; level < kLevels; ++level) {
    auto& tile = growing_[level];
    tile.push_back(hash);
    changed_[level] = true;
    if (tile.size() < kHashes) return;
    const std::uint64_t index = (size_ >> (kHeight * level)) / kHashes - 1;
    completed_[{.level = level, .index = index}] = to_bytes(tile);
    hash = fold(std::exchange(tile, {}));
    changed_[level] = false;
  }
}

std::vector<std::pair<TileId, Bytes>> Tiles::unsaved() const {
  const std::lock_guard guard(mutex_);
  std::vector<std::pair<TileId, Bytes>> tiles(completed_.begin(), completed_.end());
  for (std::uint8_t level = 1; level < kLevels; ++level) {
    if (!changed_[level]) continue;
    tiles.emplace_back(TileId{.level = level, .index = (size_ >> (kHeight * level)) / kHashes},
                       to_bytes(growing_[level]));
  }
  return tiles;
}

void Tiles::saved() {
  const std::lock_guard guard(mutex_);
  completed_.clear();
  changed_.fill(false);
}

std::uint64_t Tiles::size() const {
  const std::lock_guard guard(mutex_);
  return size_;
}

Result<std::vector<Digest>, StoreError> Tiles::peaks(std::uint64_t size) {
  std::vector<Digest> peaks;
  for (unsigned level = 64; level-- > 0;) {
    if ((size >> level & 1) == 0) continue;
    FLOWSTONE_TRY(peaks.emplace_back(), node(level, (size >> level) - 1));
  }
  return peaks;
}

Result<Digest, StoreError> Tiles::node(unsigned level, std::uint64_t index) {
  const unsigned inner = level % kHeight;
  const std::uint64_t begin = index << inner;
  const TileId tile{.level = static_cast<std::uint8_t>(level / kHeight), .index = begin / kHashes};
  FLOWSTONE_TRY(auto nodes, hashes(tile, begin % kHashes, std::size_t{1} << inner));
  return fold(std::move(nodes));
}

Result<std::vector<Digest>, StoreError> Tiles::hashes(TileId tile, std::size_t begin, std::size_t count) {
  {
    const std::lock_guard guard(mutex_);
    const auto& growing = growing_[tile.level];
    if (tile.index == (size_ >> (kHeight * tile.level)) / kHashes && begin + count <= growing.size()) {
      return std::vector<Digest>(growing.begin() + static_cast<std::ptrdiff_t>(begin),
                                 growing.begin() + static_cast<std::ptrdiff_t>(begin + count));
    }
    if (const auto done = completed_.find(tile); done != completed_.end()) {
      return from_bytes(BytesView(done->second).substr(begin * sizeof(Digest), count * sizeof(Digest)));
    }
  }
  FLOWSTONE_TRY(const Bytes saved, load_(tile));
  if (saved.size() < (begin + count) * sizeof(Digest)) {
    return failure(corrupt({}, fmt::format("tile {}/{} of the tree is missing or short", tile.level, tile.index)));
  }
  return from_bytes(BytesView(saved).substr(begin * sizeof(Digest), count * sizeof(Digest)));
}

}  // namespace flowstone::eventstore
