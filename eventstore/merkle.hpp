// The Merkle tree over the log (RFC 6962 section 2.1): growing, proofs and their verification. docs/formats/tree.md.
//
// Leaves are numbered from 0 here: the event at position p is leaf p - 1.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "base/result.hpp"
#include "eventstore/store.hpp"

namespace flowstone::eventstore {

inline Digest leaf_hash(BytesView leaf) { return sha256({BytesView("\0", 1), leaf}); }
// Of each leaf, many side by side.
void leaf_hashes(std::span<const BytesView> leaves, std::vector<Digest>& hashes);
inline Digest node_hash(const Digest& left, const Digest& right) {
  return sha256({BytesView("\1", 1), view(left), view(right)});
}

// Each two neighbours become their parent; needs an even number.
void hash_pairs(std::vector<Digest>& nodes);

// The tree of so many leaves, kept as the roots of its complete subtrees: at most 64 hashes.
class CompactRange {
 public:
  CompactRange() = default;
  // `peaks` from the largest subtree to the smallest, one for each bit of `size`.
  CompactRange(std::uint64_t size, std::vector<Digest> peaks);

  // Cost: one hash a leaf, many leaves side by side.
  void push(std::span<const Digest> leaves);
  void push(const Digest& leaf) { push(std::span(&leaf, 1)); }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::vector<Digest>& peaks() const { return peaks_; }
  // The tree hash; SHA-256 of nothing for the empty tree.
  [[nodiscard]] Digest root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> peaks_;
};

// Where proofs get the roots of complete subtrees: of leaves [index << level, (index + 1) << level).
class NodeSource {
 public:
  virtual ~NodeSource() = default;
  virtual Result<Digest, StoreError> node(unsigned level, std::uint64_t index) = 0;
};

using Proof = std::vector<Digest>;

Result<Digest, StoreError> root_at(NodeSource& nodes, std::uint64_t size);
// Needs leaf < size.
Result<Proof, StoreError> inclusion_path(NodeSource& nodes, std::uint64_t leaf, std::uint64_t size);
// Needs first <= second. Empty if first is 0 or both are equal.
Result<Proof, StoreError> consistency_path(NodeSource& nodes, std::uint64_t first, std::uint64_t second);

// What an outsider computes (RFC 9162 sections 2.1.3.2 and 2.1.4.2).
bool verify_inclusion(const Digest& hash, std::uint64_t leaf, std::uint64_t size, const Proof& path,
                      const Digest& root);
bool verify_consistency(std::uint64_t first, std::uint64_t second, const Digest& first_root, const Digest& second_root,
                        const Proof& path);

}  // namespace flowstone::eventstore
