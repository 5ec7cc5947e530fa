// A run that goes on from within another: which of its events it takes over, and what becomes of what they wait for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "asl/definition.hpp"
#include "asl/event.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace flowstone::asl {

enum class NoRetry : std::uint8_t {
  still_running,
  nothing_failed,
  failed_by_definition,  // it came to a Fail, and no error had led it there
};

// Which of a run's events (their places) stay when only what failed is to be done again:
//   - Of a run that failed: all but what followed from the failure. A state that failed is entered again, with its
//     retries fresh; of a Map or Parallel only in the branches that failed, while those that had ended stay and those
//     that were aborted go on. Of a Fail, the state whose error led there; of a branch that came to a Fail otherwise,
//     its first state.
//   - Of a run that was aborted or timed out: all but its end.
//   - Of a run that succeeded: as of one that failed, from the first state whose error was caught, or of whose branches
//     one had failed.
// They can follow each other: a run of the same definition takes them.
// Cost: linear in the events.
Result<std::vector<std::size_t>, NoRetry> kept_for_retry(const Definition& definition, const Events& events);

// The events as a run has them that goes on from there: what waits for time waits as long as was left of it when the
// run was there (`left_at`), but for a point in time that the definition names; tasks that are out have all their time
// again. The sentence says which event cannot follow in a run of this definition.
Result<Events, std::string> taken_over(const std::shared_ptr<const Definition>& definition, Events events,
                                       Timestamp left_at, Timestamp now);

}  // namespace flowstone::asl
