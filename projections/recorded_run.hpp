// A workflow's run as its machine decided it, read from its stream.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "asl/event.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "eventstore/store.hpp"
#include "schemas/run_generated.h"

namespace flowstone::projections {

// Something that was said to a run.
struct RecordedSignal {
  std::string name, payload;  // JSON
  std::uint64_t revision = 0;
  std::size_t after = 0;  // so many events of the machine were there
};

struct RecordedRun {
  schemas::RunRequestedT request;
  asl::Events events;
  std::vector<RecordedSignal> signals;

  // Those that none of the events took, of those that were said before `until` events were there.
  [[nodiscard]] std::vector<RecordedSignal> untaken(const asl::Events& events, std::size_t until) const;
};

// Without events if it is no workflow's run, or there is none. At most `most` events are read. Blocking. The sentence
// says what is wrong with the stream.
Result<RecordedRun, std::string> read_recorded_run(eventstore::Store& store, std::string_view workspace,
                                                   std::string_view run_id, std::size_t most);

}  // namespace flowstone::projections
