// What happened in a run, as plain values. The state of a run is folded from these and from nothing else (run.hpp);
// what was random, or came from a clock or from outside, stands in them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "jsonata/value.hpp"

namespace flowstone::asl {

using jsonata::Value;

enum class EventType : std::uint8_t {
  execution_started,    // input, options
  execution_succeeded,  // output
  execution_failed,     // error, cause
  execution_timed_out,  // error, cause
  execution_aborted,    // error, cause
  state_entered,        // input
  state_exited,         // output, assigned, next
  state_failed,         // error, cause, location, options; what becomes of it, the next event of the branch says:
  retry_scheduled,      //   attempt, index (of the retrier), until
  error_caught,         //   index (of the catcher), output, assigned, next; the state is left
  timer_set,            // until
  timer_fired,          // of a Wait or a retry
  task_scheduled,       // resource, input (its arguments), attempt, options
  task_started,         // options; somebody works on it
  task_submitted,       // output; what it began goes on elsewhere
  task_heartbeat,       // until: the next is due
  task_succeeded,       // output
  task_failed,          // error, cause
  task_timed_out,       // error, cause
  map_started,          // input (the items), index (how many branches there will be), options
  map_run_started,      // options; of a Map whose items are runs of their own
  parallel_started,     // input (of each branch), index (how many branches there will be)
  branch_started,       // index, input; `path` is the new branch, `state` the Map or Parallel that it belongs to
  branch_succeeded,     // index, output
  branch_failed,        // index, error, cause
  branch_aborted,       // index
};

struct Event {
  EventType type = EventType::execution_started;
  Timestamp time;
  std::string path;   // of the branch: empty for the machine itself, "Map[2]/Inner[0]" (names escape ~ and / as ~0, ~1)
  std::string state;  // its name
  Value input, output, assigned, options;
  std::optional<std::string> error, cause;
  std::string location;  // of an expression that failed: "Output/total"
  std::string next, resource;
  std::optional<std::uint64_t> index, attempt;
  std::optional<Timestamp> until;
};

using Events = std::vector<Event>;

// "state_entered"
std::string_view name_of(EventType type);

// {"type": "state_entered", "time": "...", ...}: members that have nothing to say are left out.
Value to_value(const Event& event);
// The sentence says what is wrong. to_value and event_of are each other's inverse.
Result<Event, std::string> event_of(const Value& value);

}  // namespace flowstone::asl
