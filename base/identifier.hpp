// UUIDv7 (RFC 9562) as text, and the source of fresh ones as a port.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace flowstone {

// True for the canonical 36-character lower-case form of any UUID version.
bool is_uuid(std::string_view text);

// Where fresh ids come from. Implementations may be called from any thread.
class IdSource {
 public:
  virtual ~IdSource() = default;
  // A UUIDv7 as canonical text; ids made later by the same source sort later.
  [[nodiscard]] virtual std::string fresh() = 0;
};

// Order: ids made by one source are strictly increasing, also within a millisecond and when the clock steps back.
class UuidV7Source final : public IdSource {
 public:
  explicit UuidV7Source(const Clock& clock) : clock_(clock) {}
  [[nodiscard]] std::string fresh() override;

 private:
  const Clock& clock_;
  std::atomic<std::uint64_t> last_{0};  // milliseconds << 12 | 12-bit counter
};

}  // namespace flowstone
