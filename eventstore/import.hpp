// Events that already have their place, made ready to be appended unchanged.
#pragma once

#include <span>
#include <vector>

#include "eventstore/event.hpp"
#include "eventstore/submission.hpp"

namespace flowstone::eventstore {

// One submission an append. Refuses by name what cannot have come from a log: gaps, cut appends, appends whose events
// differ in what belongs to the append, foreign names, payloads that do not match their digest. Whether they fit onto
// this log (position, revisions, time, command id) is for the sequencer to see.
Result<std::vector<Submission>, StoreError> prepare_import(std::span<const RecordedEvent> events);

}  // namespace flowstone::eventstore
