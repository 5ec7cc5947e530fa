// Two runs side by side, step by step.
//
// A step of one run and one of the other are the same if they have the same name, began in the same branch, and are
// there the n-th of that name. Status, input and output are compared; how long it took and how often it was tried again
// is told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "eventstore/store.hpp"
#include "schemas/run_generated.h"

namespace flowstone::projections {

// One time that a step began.
struct StepVisit {
  std::string path, step;
  std::uint64_t occurrence = 1, sequence = 0, retries = 0;
  schemas::StepStatus status = schemas::StepStatus::running;
  std::int64_t started_at = 0;
  std::optional<std::int64_t> finished_at;
  std::string error, input, output;  // the values as JSON
};

struct RunVisits {
  std::string input, output;  // of the run
  std::vector<StepVisit> steps;
};

// Blocking. The sentence says what is wrong with the stream.
Result<RunVisits, std::string> read_run_visits(eventstore::Store& store, std::string_view workspace,
                                               std::string_view run_id);

struct ValueDifference {
  std::string pointer, a, b;  // JSON; empty where there is none
};

inline constexpr std::size_t kMostDifferences = 10;  // of two values
inline constexpr std::size_t kMostDifferentBytes =
    500;  // of what is told of one; of a longer value its first bytes, as a text

// Whether two JSON texts hold the same value; what is empty holds none.
bool same_value(const std::string& a, const std::string& b);
// The first kMostDifferences, in the order of `a`.
std::vector<ValueDifference> differences(const std::string& a, const std::string& b);

// Pointers into the visits.
struct StepPair {
  const StepVisit* a = nullptr;
  const StepVisit* b = nullptr;
  bool same_input = false, same_output = false, same = false;
  [[nodiscard]] const StepVisit& one() const { return a != nullptr ? *a : *b; }
};

// In the order of `a`; a step that only `b` has stands where it stands there.
// Cost: linear in the steps and their values.
std::vector<StepPair> compare(const RunVisits& a, const RunVisits& b);

}  // namespace flowstone::projections
