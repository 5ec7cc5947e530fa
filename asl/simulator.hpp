// Runs a definition at once: waits take no time, tasks are answered from a list.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "asl/machine.hpp"

namespace flowstone::asl {

// What a task answers.
struct Answer {
  Value output;  // undefined where it fails
  std::string error, cause;
  double seconds = 0;  // that it takes
};

// By the name of the state, or its resource: what the first call gets, the second ...; later ones get the last again.
using Answers = std::map<std::string, std::vector<Answer>>;

// {"Fetch": [{"Throw": {"Error": "E", "Cause": "..."}, "Seconds": 2}, {"Return": {...}}]}; in place of the list an
// object may name calls: {"0": ..., "1-3": ...}. The sentence says what is wrong.
Result<Answers, std::string> read_answers(const Value& document);

struct SimulateOptions {
  StartOptions start;
  Timestamp now;
  RunLimits limits{.events = 25'000, .evaluation = {}};
  std::optional<double> stop_after;  // seconds of the run's own time, after which it is aborted
};

struct Simulation {
  Events events;
  Status status = Status::none;
  Value output;
  std::optional<std::string> error, cause;
  std::string stuck;  // why the run did not end: a task has no answer
};

// The same definition, input, answers and options give the same simulation.
Simulation simulate(std::shared_ptr<const Definition> definition, const Value& input, const Answers& answers,
                    const SimulateOptions& options);

inline constexpr std::size_t kMaxAnswers = 100'000;  // calls that a list of answers can name

}  // namespace flowstone::asl
