#include "eventstore/high_water.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include "eventstore/checksum.hpp"
#include "eventstore/encoding.hpp"

namespace flowstone::eventstore {
namespace {

constexpr BytesView kMagic = "FSH1";
constexpr std::size_t kChecked = 4 + 8 + 8 + sizeof(Digest);

std::optional<HighWater::Mark> decode(BytesView bytes) {
  ByteReader reader(bytes);
  if (reader.bytes(4) != kMagic) return std::nullopt;
  HighWater::Mark mark;
  mark.block = reader.fixed<std::uint64_t>();
  mark.head.size = {reader.fixed<std::uint64_t>()};
  const BytesView root = reader.bytes(sizeof(Digest));
  const auto checksum = reader.fixed<std::uint32_t>();
  if (!reader.ok() || checksum != crc32c(bytes.substr(0, kChecked))) return std::nullopt;
  std::memcpy(mark.head.root.data(), root.data(), root.size());
  return mark;
}

}  // namespace

HighWater::HighWater(int file) : file_(file) {
  char raw[kChecked + 4];
  const auto size = pread(file_, raw, sizeof raw, 0);
  if (size == static_cast<ssize_t>(sizeof raw)) opened_at_ = decode({raw, sizeof raw});
}

HighWater::HighWater(HighWater&& other) noexcept
    : file_(std::exchange(other.file_, -1)), opened_at_(std::move(other.opened_at_)) {}

HighWater::~HighWater() {
  if (file_ >= 0) close(file_);
}

Result<HighWater, StoreError> HighWater::open(const std::filesystem::path& directory) {
  const auto path = directory / "HEAD";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file >= 0) return HighWater(file);
  return failure(StoreError{.code = StoreError::Code::io,
                            .position = {},
                            .detail = "opening " + path.string() + ": " + std::strerror(errno)});
}

void HighWater::set(const Mark& mark) {
  Bytes bytes(kMagic);
  append_fixed(bytes, mark.block);
  append_fixed(bytes, mark.head.size.value);
  bytes.append(view(mark.head.root));
  append_fixed(bytes, crc32c(bytes));
  // A mark that cannot be written leaves the old one, which stays true.
  [[maybe_unused]] const auto written = pwrite(file_, bytes.data(), bytes.size(), 0);
}

}  // namespace flowstone::eventstore
