#include "eventstore/merkle.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/check.hpp"

namespace flowstone::eventstore {
namespace {

// The largest power of two smaller than `count`; count > 1.
std::uint64_t split_of(std::uint64_t count) { return std::bit_floor(count - 1); }

// MTH of leaves [begin, end), which is a subtree of some tree: complete ones come from the source.
Result<Digest, StoreError> range_hash(NodeSource& nodes, std::uint64_t begin, std::uint64_t end) {
  const std::uint64_t count = end - begin;
  if (std::has_single_bit(count)) {
    const auto level = static_cast<unsigned>(std::countr_zero(count));
    return nodes.node(level, begin >> level);
  }
  const std::uint64_t middle = begin + split_of(count);
  FLOWSTONE_TRY(const Digest left, range_hash(nodes, begin, middle));
  FLOWSTONE_TRY(const Digest right, range_hash(nodes, middle, end));
  return node_hash(left, right);
}

constexpr std::size_t kNode = 1 + 2 * sizeof(Digest);
constexpr std::size_t kSideBySide = 64;  // messages put together at a time

}  // namespace

void leaf_hashes(std::span<const BytesView> leaves, std::vector<Digest>& hashes) {
  Bytes texts;
  std::array<BytesView, kSideBySide> messages;
  hashes.resize(leaves.size());
  for (std::size_t begin = 0; begin < leaves.size(); begin += kSideBySide) {
    const auto some = leaves.subspan(begin, std::min(kSideBySide, leaves.size() - begin));
    texts.clear();
    for (const BytesView leaf : some) texts.append(1, '\0').append(leaf);
    std::size_t at = 0;
    for (std::size_t leaf = 0; leaf < some.size(); ++leaf) {
      messages[leaf] = BytesView(texts).substr(at, 1 + some[leaf].size());
      at += messages[leaf].size();
    }
    sha256_each(std::span(messages).first(some.size()), std::span(hashes).subspan(begin, some.size()));
  }
}

void hash_pairs(std::vector<Digest>& nodes) {
  std::array<char, kSideBySide * kNode> texts;
  std::array<BytesView, kSideBySide> messages;
  const std::size_t pairs = nodes.size() / 2;
  for (std::size_t begin = 0; begin < pairs; begin += kSideBySide) {
    const std::size_t some = std::min(kSideBySide, pairs - begin);
    for (std::size_t pair = 0; pair < some; ++pair) {
      char* const text = texts.data() + pair * kNode;
      *text = '\1';
      std::memcpy(text + 1, nodes[2 * (begin + pair)].data(), 2 * sizeof(Digest));
      messages[pair] = {text, kNode};
    }
    sha256_each(std::span(messages).first(some), std::span(nodes).subspan(begin, some));
  }
  nodes.resize(pairs);
}

CompactRange::CompactRange(std::uint64_t size, std::vector<Digest> peaks) : size_(size), peaks_(std::move(peaks)) {
  check(peaks_.size() == static_cast<std::size_t>(std::popcount(size)),
        "a compact range has a peak for each bit of its size");
}

void CompactRange::push(std::span<const Digest> leaves) {
  std::vector<Digest> nodes(leaves.begin(), leaves.end());
  std::vector<Digest> low_peaks;  // from the smallest
  for (std::uint64_t older = size_; !nodes.empty(); older >>= 1) {
    if ((older & 1) != 0) {
      nodes.insert(nodes.begin(), peaks_.back());
      peaks_.pop_back();
    }
    if (nodes.size() % 2 != 0) {
      low_peaks.push_back(nodes.back());
      nodes.pop_back();
    }
    hash_pairs(nodes);
  }
  peaks_.insert(peaks_.end(), low_peaks.rbegin(), low_peaks.rend());
  size_ += leaves.size();
}

Digest CompactRange::root() const {
  if (peaks_.empty()) return sha256("");
  Digest hash = peaks_.back();
  for (std::size_t peak = peaks_.size() - 1; peak-- > 0;) hash = node_hash(peaks_[peak], hash);
  return hash;
}

Result<Digest, StoreError> root_at(NodeSource& nodes, std::uint64_t size) {
  if (size == 0) return sha256("");
  return range_hash(nodes, 0, size);
}

Result<Proof, StoreError> inclusion_path(NodeSource& nodes, std::uint64_t leaf, std::uint64_t size) {
  check(leaf < size, "an inclusion proof is for a leaf in the tree");
  Proof downward;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (end - begin > 1) {
    const std::uint64_t middle = begin + split_of(end - begin);
    if (leaf < middle) {
      FLOWSTONE_TRY(downward.emplace_back(), range_hash(nodes, middle, end));
      end = middle;
    } else {
      FLOWSTONE_TRY(downward.emplace_back(), range_hash(nodes, begin, middle));
      begin = middle;
    }
  }
  return Proof(downward.rbegin(), downward.rend());
}

Result<Proof, StoreError> consistency_path(NodeSource& nodes, std::uint64_t first, std::uint64_t second) {
  check(first <= second, "a consistency proof goes from the smaller tree to the larger");
  if (first == 0 || first == second) return Proof{};
  Proof downward;
  std::uint64_t begin = 0;
  std::uint64_t end = second;
  while (first != end) {
    const std::uint64_t middle = begin + split_of(end - begin);
    if (first <= middle) {
      FLOWSTONE_TRY(downward.emplace_back(), range_hash(nodes, middle, end));
      end = middle;
    } else {
      FLOWSTONE_TRY(downward.emplace_back(), range_hash(nodes, begin, middle));
      begin = middle;
    }
  }
  if (begin != 0) {
    FLOWSTONE_TRY(downward.emplace_back(), range_hash(nodes, begin, end));
  }
  return Proof(downward.rbegin(), downward.rend());
}

bool verify_inclusion(const Digest& hash, std::uint64_t leaf, std::uint64_t size, const Proof& path,
                      const Digest& root) {
  if (leaf >= size) return false;
  std::uint64_t node = leaf;
  std::uint64_t last = size - 1;
  Digest computed = hash;
  for (const Digest& sibling : path) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      computed = node_hash(sibling, computed);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      computed = node_hash(computed, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && computed == root;
}

bool verify_consistency(std::uint64_t first, std::uint64_t second, const Digest& first_root, const Digest& second_root,
                        const Proof& path) {
  if (first > second) return false;
  if (first == second) return path.empty() && first_root == second_root;
  if (first == 0) return path.empty() && first_root == sha256("");
  if (path.empty()) return false;

  std::size_t used = 0;
  const Digest seed = std::has_single_bit(first) ? first_root : path[used++];
  std::uint64_t node = first - 1;
  std::uint64_t last = second - 1;
  while ((node & 1) != 0) {
    node >>= 1;
    last >>= 1;
  }
  Digest small = seed;
  Digest large = seed;
  for (; used < path.size(); ++used) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      small = node_hash(path[used], small);
      large = node_hash(path[used], large);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      large = node_hash(large, path[used]);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && small == first_root && large == second_root;
}

}  // namespace flowstone::eventstore
