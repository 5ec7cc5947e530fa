// What a run takes over of the one that it was made from.
#pragma once

#include <string>
#include <vector>

#include "asl/event.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "eventstore/store.hpp"
#include "projections/recorded_run.hpp"
#include "workers/engine/definitions.hpp"
#include "workers/engine/history.hpp"

namespace flowstone::workers {

struct Past {
  asl::Events events;                             // all that it shares
  std::vector<projections::RecordedSignal> said;  // to the other run, and taken by none of these
};

// Signals that are taken over, the last of them.
inline constexpr std::size_t kMostSignals = 100;

// Of a run that was asked for as a fork. Blocking. The sentence says what is wrong with what it is to share.
Result<Past, std::string> read_past(eventstore::Store& store, Definitions& definitions, const std::string& workspace,
                                    const RunHistory& fork, Timestamp now);

}  // namespace flowstone::workers
