// Errors as values. `Result<T, E>` is `std::expected`; `FLOWSTONE_TRY` unwraps one or returns its error.
#pragma once

#include <expected>
#include <utility>

namespace flowstone {

template <class T, class E>
using Result = std::expected<T, E>;

template <class E>
constexpr auto failure(E&& error) {
  return std::unexpected<std::decay_t<E>>(std::forward<E>(error));
}

}  // namespace flowstone

#define FLOWSTONE_JOIN_(a, b) a##b
#define FLOWSTONE_JOIN(a, b) FLOWSTONE_JOIN_(a, b)
#define FLOWSTONE_TRY_(slot, declaration, ...)       \
  auto slot = (__VA_ARGS__);                         \
  if (!slot) [[unlikely]] {                          \
    return std::unexpected(std::move(slot).error()); \
  }                                                  \
  declaration = *std::move(slot)

// FLOWSTONE_TRY(auto value, compute());  declares `value`, or returns the error of compute() to the caller.
#define FLOWSTONE_TRY(declaration, ...) FLOWSTONE_TRY_(FLOWSTONE_JOIN(try_, __LINE__), declaration, __VA_ARGS__)

// FLOWSTONE_TRY_VOID(check());  the same where the value does not matter.
#define FLOWSTONE_TRY_VOID(...)                        \
  if (auto done = (__VA_ARGS__); !done) [[unlikely]] { \
    return std::unexpected(std::move(done).error());   \
  }
