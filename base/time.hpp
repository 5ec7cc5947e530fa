// Points in time: microseconds since 1970-01-01T00:00:00Z, RFC 3339 as text, and the clock as a port.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flowstone {

struct Timestamp {
  std::int64_t micros = 0;  // since the Unix epoch, UTC

  constexpr auto operator<=>(const Timestamp&) const = default;
  [[nodiscard]] constexpr std::int64_t millis() const { return micros / 1000; }
  static constexpr Timestamp from_millis(std::int64_t millis) { return {millis * 1000}; }
};

constexpr Timestamp operator+(Timestamp at, std::chrono::microseconds by) { return {at.micros + by.count()}; }
constexpr std::chrono::microseconds operator-(Timestamp left, Timestamp right) {
  return std::chrono::microseconds(left.micros - right.micros);
}

// "2026-11-20T09:30:00.125Z": always UTC, milliseconds unless there are finer digits, years 0000 to 9999.
std::string to_rfc3339(Timestamp at);

// RFC 3339 with any offset; fractions beyond microseconds are cut. Nothing if it is not such a time, or if in UTC it
// falls outside the years 0000 to 9999.
std::optional<Timestamp> from_rfc3339(std::string_view text);

// Where time comes from. Implementations may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Timestamp now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override;
};

}  // namespace flowstone
