// A run of a workflow, folded from its stream.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "asl/run.hpp"
#include "eventstore/store.hpp"
#include "schemas/run_generated.h"
#include "workers/engine/definitions.hpp"

namespace flowstone::workers {

// Something that was said to a run and not yet taken by one of its tasks.
struct Signal {
  std::string name;
  asl::Value payload;
  std::uint64_t revision = 0;  // of the event that says it
};

struct RunHistory {
  schemas::RunRequestedT request;
  DefinitionPointer definition;
  std::optional<asl::Run> machine;
  std::vector<Signal> signals;  // in their order
  bool paused = false;
  std::uint64_t revision = 0;            // of the last event folded
  std::optional<std::string> cancelled;  // somebody asked for its end, and why
};

// A machine of the definition, which it keeps alive.
asl::Run machine_of(const DefinitionPointer& definition);
// The value of a JSON text; undefined if it is empty.
asl::Value value_of_json(const std::string& json);
// What the run was asked to begin with; an empty object where nothing was given.
asl::Value input_of(const schemas::RunRequestedT& request);

// A task that waits for a signal, and the member of its output that names the revision of the one it took.
inline constexpr std::string_view kSignalResource = "flowstone:signal";
inline constexpr std::string_view kRevision = "Revision";

// Blocking. The sentence says what is wrong with the stream.
Result<RunHistory, std::string> read_history(eventstore::Store& store, Definitions& definitions,
                                             const std::string& workspace, const std::string& run_id);

}  // namespace flowstone::workers
