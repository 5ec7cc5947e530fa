// A digest of a set of rows that does not depend on their order and follows each change at the cost of the changed row:
// the sum modulo 2^256 of SHA-256 over each row with its key.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/digest.hpp"

namespace flowstone::projections {

class RowDigest {
 public:
  RowDigest() = default;
  explicit RowDigest(const Digest& digest);

  void add(std::string_view key, BytesView row);
  void subtract(std::string_view key, BytesView row);
  // Adds everything that `other` holds.
  void merge(const RowDigest& other);
  // Most significant byte first.
  [[nodiscard]] Digest value() const;
  bool operator==(const RowDigest&) const = default;

 private:
  using Words = std::array<std::uint64_t, 4>;  // least significant first
  static Words words_of(const Digest& digest);

  Words sum_{};
};

}  // namespace flowstone::projections
