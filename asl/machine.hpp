// What a run does next. Nothing here waits, reads a clock or calls anybody: it is told the time, and what comes from
// outside is reported to it. One event is decided at a time, so that a run can stop after any of them and go on.
//
//   asl::Run run(definition);
//   run.apply(asl::start(input, {.name = "first", .seed = seed}, now));
//   while (const auto event = asl::next(run, now)) append_and_apply(*event);
//   // then: run the tasks of run.tasks() and report how they end, and come back at run.due()
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "asl/event.hpp"
#include "asl/run.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace flowstone::asl {

// What $$ tells of the run, and what chance is drawn from.
struct StartOptions {
  std::string name = {}, id = {}, role = {}, machine_name = {}, machine_id = {};
  std::uint64_t seed = 0;  // at most kMaxSeed
};

inline constexpr std::uint64_t kMaxSeed = (1ULL << 53U) - 1;

struct RunLimits {
  std::uint64_t events = 1'000'000;  // a run that gets longer fails
  jsonata::Limits evaluation;        // of one expression
};

Event start(const Value& input, const StartOptions& options, Timestamp now);

// The next event; nothing until a task is reported on, or `run.due()` has come, or for ever after the run's end.
// The same run, time and limits give the same event: chance is drawn from the seed and the number of the event.
// Limits: `limits.events`; what a state puts out has kMaxPayloadBytes (flow.hpp).
std::optional<Event> next(const Run& run, Timestamp now, const RunLimits& limits = {});

// What somebody says about a task that is out.
struct TaskReport {
  enum class Kind : std::uint8_t { started, submitted, heartbeat, succeeded, failed };
  Kind kind = Kind::started;
  std::string path, state;
  std::uint64_t attempt = 0;
  std::string worker = {};                  // of started: who does it
  Value output;                             // of submitted, succeeded
  std::optional<std::string> error, cause;  // of failed
  // Branch::entered, which tells visits of the state apart; with it `path` and `state` need not be given.
  std::optional<std::uint64_t> entered;
};

// The sentence says why the report comes too late, or for something that was never out.
Result<Event, std::string> report(const Run& run, const TaskReport& report, Timestamp now);

// Ends a run from outside.
Event abort(std::optional<std::string> error, std::optional<std::string> cause, Timestamp now);

// Whether an error of this name is among those that a retrier or catcher names.
bool matches(const std::vector<std::string>& errors, const std::string& error);

}  // namespace flowstone::asl
