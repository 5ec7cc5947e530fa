#include "projections/row_digest.hpp"

#include "projections/codec.hpp"

namespace flowstone::projections {
namespace {

// The key's length goes in front, so that no two pairs of key and row are the same bytes.
Digest digest_of(std::string_view key, BytesView row) {
  Bytes length;
  append_big_endian(length, key.size(), 4);
  return sha256({length, key, row});
}

}  // namespace

RowDigest::Words RowDigest::words_of(const Digest& digest) {
  Words words{};
  for (std::size_t word = 0; word < words.size(); ++word) {
    words[word] = read_big_endian(view(digest).substr(24 - 8 * word, 8));
  }
  return words;
}

RowDigest::RowDigest(const Digest& digest) : sum_(words_of(digest)) {}

void RowDigest::merge(const RowDigest& other) {
  std::uint64_t carry = 0;
  for (std::size_t word = 0; word < sum_.size(); ++word) {
    const std::uint64_t without_carry = sum_[word] + other.sum_[word];
    const bool overflowed = without_carry < other.sum_[word];
    sum_[word] = without_carry + carry;
    carry = (overflowed || sum_[word] < without_carry) ? 1 : 0;
  }
}

void RowDigest::add(std::string_view key, BytesView row) { merge(RowDigest(digest_of(key, row))); }

void RowDigest::subtract(std::string_view key, BytesView row) {
  const RowDigest other(digest_of(key, row));
  std::uint64_t borrow = 0;
  for (std::size_t word = 0; word < sum_.size(); ++word) {
    const std::uint64_t minuend = sum_[word];
    const std::uint64_t without_borrow = minuend - other.sum_[word];
    sum_[word] = without_borrow - borrow;
    borrow = (minuend < other.sum_[word] || without_borrow < borrow) ? 1 : 0;
  }
}

Digest RowDigest::value() const {
  Digest digest{};
  for (std::size_t byte = 0; byte < digest.size(); ++byte) {
    digest[byte] = static_cast<std::uint8_t>(sum_[3 - byte / 8] >> (8 * (7 - byte % 8)));
  }
  return digest;
}

}  // namespace flowstone::projections
