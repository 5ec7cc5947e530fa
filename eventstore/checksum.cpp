#include "eventstore/checksum.hpp"

#include <array>

#include "eventstore/encoding.hpp"

namespace flowstone::eventstore {
namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78;  // reflected

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value & 1) != 0 ? value >> 1 ^ kPolynomial : value >> 1;
    table[byte] = value;
  }
  return table;
}

std::uint32_t by_table(std::uint32_t crc, BytesView bytes) {
  static constexpr auto kTable = make_table();
  for (const char c : bytes) crc = crc >> 8 ^ kTable[(crc ^ static_cast<unsigned char>(c)) & 0xff];
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t by_instruction(std::uint32_t crc, BytesView bytes) {
  std::uint64_t wide = crc;
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    wide = __builtin_ia32_crc32di(wide, get_fixed<std::uint64_t>(bytes.data() + at));
  }
  auto narrow = static_cast<std::uint32_t>(wide);
  for (; at < bytes.size(); ++at) narrow = __builtin_ia32_crc32qi(narrow, static_cast<unsigned char>(bytes[at]));
  return narrow;
}
#endif

}  // namespace

std::uint32_t crc32c(BytesView bytes) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction) return ~by_instruction(~0U, bytes);
#endif
  return ~by_table(~0U, bytes);
}

}  // namespace flowstone::eventstore
