// What one append holds of a run.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "asl/event.hpp"
#include "commands/executor.hpp"
#include "schemas/run_generated.h"
#include "workers/engine/live_run.hpp"

namespace flowstone::workers {

struct RunBatch {
  std::vector<commands::Command> before;  // what is said to the run first
  std::vector<std::unique_ptr<schemas::RunTransitionT>> transitions;
  std::size_t bytes = 0;  // of them, about

  void add(const asl::Event& event);
  // At 1 MiB, or so many events.
  [[nodiscard]] bool is_full(std::size_t events) const;
};

// The body of `advance_run`. `rests`: nothing more is decided until something is said to the run, or its time comes.
schemas::AdvanceRunT advance_of(const LiveRun& run, RunBatch batch, bool rests);

}  // namespace flowstone::workers
