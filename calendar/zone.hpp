// Time zones of the IANA database, as the machine has it under /usr/share/zoneinfo.
//
// Threads: everything may be called from any thread. Lifetime: a Zone is a name for something that lives as long as the
// program, so that copies are free.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace flowstone::calendar {

using UtcSeconds = std::chrono::sys_seconds;
using LocalSeconds = std::chrono::local_seconds;  // what a wall clock shows, without a zone

// A time in which a zone's clocks are ahead of UTC by one and the same offset.
struct Period {
  UtcSeconds begin;
  UtcSeconds end;  // the first second after it
  std::chrono::seconds offset{};

  [[nodiscard]] LocalSeconds local(UtcSeconds at) const { return LocalSeconds((at + offset).time_since_epoch()); }
  [[nodiscard]] UtcSeconds utc(LocalSeconds at) const { return UtcSeconds(at.time_since_epoch() - offset); }
};

class Zone {
 public:
  // "Europe/Berlin", "UTC": names as IANA spells them, links included. A sentence otherwise.
  static Result<Zone, std::string> find(std::string_view name);
  static Zone utc();

  // Of the years 1900 to 2200; before and after them the nearest period is told. Beyond the changes that are listed for
  // the zone (2037, usually) its last rule goes on.
  [[nodiscard]] Period period_at(UtcSeconds at) const;
  // "2026-03-29T03:00:00+02:00"
  [[nodiscard]] std::string show(UtcSeconds at) const;
  [[nodiscard]] std::string name() const;

 private:
  struct Rules;
  explicit Zone(const Rules* rules) : rules_(rules) {}
  const Rules* rules_;
};

}  // namespace flowstone::calendar
