// The rule by which a zone's clocks are changed after the last change that its file lists: the POSIX TZ text in the
// last line of the file (RFC 8536, section 3.3). Immutable; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace flowstone::calendar {

class LastRule {
 public:
  struct Span {
    std::int64_t begin;  // seconds since 1970 in UTC, as `end`, which is the first second after it
    std::int64_t end;
    std::int64_t offset;  // seconds ahead of UTC
  };

  virtual ~LastRule() = default;
  [[nodiscard]] virtual Span at(std::int64_t seconds) const = 0;

  // Null if the clocks of the zone are not changed any more, or the file cannot be read.
  static std::unique_ptr<const LastRule> read(const std::string& path);
};

}  // namespace flowstone::calendar
