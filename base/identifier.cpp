#include "base/identifier.hpp"

#include <cstring>

#include "base/bytes.hpp"
#include "base/digest.hpp"

namespace flowstone {
namespace {

constexpr bool is_dash_place(std::size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

// Random tails are drawn in blocks: one system call serves 512 ids of a thread.
std::uint64_t random_tail() {
  constexpr std::size_t kBlock = 4096;
  thread_local Bytes block;
  thread_local std::size_t used = kBlock;
  if (used == kBlock) {
    block = random_bytes(kBlock);
    used = 0;
  }
  std::uint64_t tail = 0;
  std::memcpy(&tail, block.data() + used, sizeof tail);
  used += sizeof tail;
  return tail;
}

}  // namespace

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (is_dash_place(at) ? c != '-' : !digit) return false;
  }
  return true;
}

std::string UuidV7Source::fresh() {
  const auto now = static_cast<std::uint64_t>(clock_.now().millis()) << 12;
  std::uint64_t last = last_.load(std::memory_order_relaxed);
  std::uint64_t mine = 0;
  do {
    mine = std::max(now, last + 1);
  } while (!last_.compare_exchange_weak(last, mine, std::memory_order_relaxed));

  const std::uint64_t high = (mine >> 12) << 16 | 0x7000U | (mine & 0xfffU);
  const std::uint64_t low = (random_tail() & 0x3fff'ffff'ffff'ffffULL) | 0x8000'0000'0000'0000ULL;
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(36, '-');
  int nibble = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_dash_place(at)) continue;
    const std::uint64_t half = nibble < 16 ? high : low;
    text[at] = kDigits[half >> (60 - 4 * (nibble % 16)) & 15U];
    ++nibble;
  }
  return text;
}

}  // namespace flowstone
