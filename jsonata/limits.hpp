// What an evaluation may use up. Every limit is an error of code U1001, never a crash and never a wait without end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace flowstone::jsonata {

struct Limits {
  std::uint64_t steps = 10'000'000;  // nodes evaluated, items looked at, bytes/64 matched
  std::uint32_t depth = 500;         // evaluations within each other; calls in tail position do not nest
  std::size_t memory = 256U << 20U;  // bytes of values alive at one time that the evaluation made
  std::size_t stack = 4U << 20U;     // bytes of the calling thread's stack, a backstop behind `depth`
  std::function<bool()> expired;     // asked every 1,024 steps: true ends the evaluation
};

// Of an expression's text, before it is evaluated.
inline constexpr std::size_t kMaxExpressionBytes = 1U << 20U;
inline constexpr std::uint32_t kMaxExpressionNesting = 250;  // brackets in brackets, operators in operators

}  // namespace flowstone::jsonata
