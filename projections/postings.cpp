#include "projections/postings.hpp"

#include <algorithm>
#include <utility>

#include "projections/codec.hpp"
#include "projections/keys.hpp"

namespace flowstone::projections {
namespace {

constexpr std::uint64_t kMore = 0x80;

void append_leb128(Bytes& out, std::uint64_t value) {
  for (; value >= kMore; value >>= 7) out.push_back(static_cast<char>((value & 0x7f) | kMore));
  out.push_back(static_cast<char>(value));
}

std::optional<std::uint64_t> read_leb128(BytesView& bytes) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < kMore) return value;
  }
  return std::nullopt;
}

}  // namespace

Bytes posting_prefix(BuildId build, PostingKind kind, std::string_view workspace, std::string_view text) {
  Bytes key = section_key(build, Section::postings);
  key.push_back(static_cast<char>(kind));
  append_workspace(key, workspace);
  key.append(text).push_back('\0');
  return key;
}

Bytes encode_distances(const std::vector<std::uint64_t>& positions) {
  Bytes out;
  for (std::size_t index = 1; index < positions.size(); ++index)
    append_leb128(out, positions[index] - positions[index - 1]);
  return out;
}

std::optional<std::vector<std::uint64_t>> decode_positions(std::uint64_t first, BytesView distances) {
  std::vector<std::uint64_t> positions{first};
  while (!distances.empty()) {
    const std::optional<std::uint64_t> distance = read_leb128(distances);
    if (!distance || *distance == 0) return std::nullopt;
    positions.push_back(positions.back() + *distance);
  }
  return positions;
}

PostingReader::PostingReader(const Snapshot& snapshot, Bytes prefix, Position from)
    : prefix_(std::move(prefix)), from_(from.value), blocks_(snapshot.scan(prefix_, after_prefix(prefix_))) {
  Bytes last = prefix_;
  append_big_endian(last, from_, 8);
  blocks_->SeekForPrev(last);
}

Result<Position, std::string> PostingReader::next() {
  while (left_.empty()) {
    if (!blocks_->status().ok()) return failure("views: " + blocks_->status().ToString());
    if (!blocks_->Valid()) return Position{};
    const BytesView first = blocks_->key().ToStringView().substr(prefix_.size());
    std::optional<std::vector<std::uint64_t>> positions =
        decode_positions(read_big_endian(first), blocks_->value().ToStringView());
    if (!positions || first.size() != 8) return failure(std::string("views: a block of positions is damaged"));
    left_ = *std::move(positions);
    left_.erase(std::ranges::upper_bound(left_, from_), left_.end());
    blocks_->Prev();
  }
  const Position newest{left_.back()};
  left_.pop_back();
  return newest;
}

}  // namespace flowstone::projections
