#include "outside/address.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace flowstone::outside {
namespace {

using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;

struct Block {
  std::array<std::uint8_t, 4> prefix;
  unsigned bits;
  std::string_view what;
};

constexpr std::array kBlocks{
    Block{{0, 0, 0, 0}, 8, "of this network"},
    Block{{10, 0, 0, 0}, 8, "private"},
    Block{{100, 64, 0, 0}, 10, "of a carrier"},
    Block{{127, 0, 0, 0}, 8, "loopback"},
    Block{{169, 254, 0, 0}, 16, "link-local"},
    Block{{172, 16, 0, 0}, 12, "private"},
    Block{{192, 0, 0, 0}, 24, "reserved"},
    Block{{192, 0, 2, 0}, 24, "for documentation"},
    Block{{192, 88, 99, 0}, 24, "reserved"},
    Block{{192, 168, 0, 0}, 16, "private"},
    Block{{198, 18, 0, 0}, 15, "for benchmarks"},
    Block{{198, 51, 100, 0}, 24, "for documentation"},
    Block{{203, 0, 113, 0}, 24, "for documentation"},
    Block{{224, 0, 0, 0}, 4, "multicast"},
    Block{{240, 0, 0, 0}, 4, "reserved"},
};

struct WideBlock {
  std::array<std::uint8_t, 16> prefix;
  unsigned bits;
  std::string_view what;
};

constexpr std::array kWideBlocks{
    WideBlock{{0xfc}, 7, "private"},
    WideBlock{{0xfe, 0x80}, 10, "link-local"},
    WideBlock{{0xfe, 0xc0}, 10, "site-local"},
    WideBlock{{0xff}, 8, "multicast"},
    WideBlock{{0x20, 0x01, 0x0d, 0xb8}, 32, "for documentation"},
    WideBlock{{0x20, 0x01}, 23, "reserved"},  // Teredo and other protocols
    WideBlock{{0x20, 0x02}, 16, "reserved"},  // 6to4
    WideBlock{{0x3f, 0xff}, 20, "for documentation"},
};

constexpr std::array<std::uint8_t, 16> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::array<std::uint8_t, 16> kTranslated{0, 0x64, 0xff, 0x9b};

bool begins_with(std::span<const std::uint8_t> address, std::span<const std::uint8_t> prefix, unsigned bits) {
  const std::size_t whole = bits / 8;
  for (std::size_t at = 0; at < whole; ++at) {
    if (address[at] != prefix[at]) return false;
  }
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - bits % 8));
  return (address[whole] & mask) == (prefix[whole] & mask);
}

std::optional<std::string_view> judge(const address_v4::bytes_type& address) {
  for (const Block& block : kBlocks) {
    if (begins_with(address, block.prefix, block.bits)) return block.what;
  }
  return std::nullopt;
}

std::optional<std::string_view> judge(const address_v6& address) {
  const auto bytes = address.to_bytes();
  if (begins_with(bytes, kMapped, 96) || begins_with(bytes, kTranslated, 96))
    return judge(address_v4::bytes_type{bytes[12], bytes[13], bytes[14], bytes[15]});
  if (address.is_loopback()) return "loopback";
  for (const WideBlock& block : kWideBlocks) {
    if (begins_with(bytes, block.prefix, block.bits)) return block.what;
  }
  constexpr std::array<std::uint8_t, 16> kGlobal{0x20};
  return begins_with(bytes, kGlobal, 3) ? std::nullopt : std::optional<std::string_view>("reserved");
}

}  // namespace

std::optional<std::string_view> why_not_public(const boost::asio::ip::address& address) {
  return address.is_v4() ? judge(address.to_v4().to_bytes()) : judge(address.to_v6());
}

}  // namespace flowstone::outside
