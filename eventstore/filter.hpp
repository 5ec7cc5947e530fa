// Which events a read or a subscription wants.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/position.hpp"
#include "base/time.hpp"

namespace flowstone::eventstore {

struct RecordedEvent;

enum class Direction : std::uint8_t { forward, backward };

// Empty members do not restrict; several values of one member mean any of them; members are combined with "and".
struct Filter {
  std::string workspace;                // empty: every workspace (the server's own readers only)
  std::string stream;                   // an index serves it
  std::vector<std::string> types;       // an index serves it
  std::vector<std::string> categories;  // an index serves it
  std::string actor;                    // checked event by event
  std::string correlation;              // checked event by event
  std::optional<Timestamp> until;       // events up to and with this time

  [[nodiscard]] bool matches(const RecordedEvent& event) const;
  bool operator==(const Filter&) const = default;
};

}  // namespace flowstone::eventstore
