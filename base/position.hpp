// The two counters of the log, as types that cannot be mixed up.
#pragma once

#include <compare>
#include <cstdint>

namespace flowstone {

// Index of an event in the whole log. The first event has position 1; 0 means "before the first event".
struct Position {
  std::uint64_t value = 0;

  constexpr auto operator<=>(const Position&) const = default;
  [[nodiscard]] constexpr Position next() const { return {value + 1}; }
};

// Index of an event in its stream. The first event has revision 1; 0 means "no event yet".
struct Revision {
  std::uint64_t value = 0;

  constexpr auto operator<=>(const Revision&) const = default;
  [[nodiscard]] constexpr Revision next() const { return {value + 1}; }
};

}  // namespace flowstone
