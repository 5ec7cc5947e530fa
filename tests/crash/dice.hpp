// Random choices that a seed replays.
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include <fmt/format.h>

namespace flowstone::crash {

class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t stream) {
    std::seed_seq both{seed, seed >> 32, stream};
    bits_.seed(both);
  }

  // From `least` to `most`, both included.
  std::uint64_t between(std::uint64_t least, std::uint64_t most) { return least + bits_() % (most - least + 1); }
  bool one_in(std::uint64_t count) { return between(1, count) == 1; }

  template <class Items>
  auto& pick(Items& items) {
    return items[between(0, items.size() - 1)];
  }

  std::string letters(std::size_t count) {
    std::string text;
    for (; count > 0; --count) text += static_cast<char>(between('a', 'z'));
    return text;
  }

  std::string uuid() {
    const std::uint64_t high = bits_(), low = bits_();
    return fmt::format("{:08x}-{:04x}-7{:03x}-{:04x}-{:012x}", high >> 32, high >> 16 & 0xffff, high & 0xfff,
                       (low >> 48 & 0x3fff) | 0x8000, low & 0xffff'ffff'ffff);
  }

 private:
  std::mt19937_64 bits_;
};

}  // namespace flowstone::crash
