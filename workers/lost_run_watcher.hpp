// Says of a run that nothing has been heard of it for longer than its heartbeat timeout.
//
// A run that was heard of before the server started has one whole timeout from then on: its recorder may have spooled
// what it could not deliver while the server was away.
#pragma once

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>
#include <thread>

#include "base/time.hpp"
#include "commands/executor.hpp"
#include "projections/catalog.hpp"

namespace flowstone::workers {

// Lifetime: catalog, executor and clock outlive it. Threads: one at a time.
class LostRuns {
 public:
  // `clock` now is when the server started.
  LostRuns(projections::Catalog& catalog, commands::Executor& executor, const Clock& clock);

  // Appends `run.lost` for the runs of every workspace that have gone silent. How many.
  // Cost: one row a silent run, and one a run that was silent while no server ran.
  std::size_t look();

 private:
  std::size_t look_at(const std::string& workspace);
  // Since the server started.
  [[nodiscard]] bool had_its_time(BytesView row) const;
  bool lose(const std::string& workspace, const projections::Row& row);

  projections::Catalog& catalog_;
  commands::Executor& executor_;
  const Clock& clock_;
  const domain::AggregateType& run_;
  const Timestamp started_;
};

// Looks again every `interval`, on a thread of its own; the destructor stops and joins it.
class LostRunWatcher {
 public:
  LostRunWatcher(projections::Catalog& catalog, commands::Executor& executor, const Clock& clock,
                 std::chrono::milliseconds interval = std::chrono::seconds(1));

 private:
  void watch(std::chrono::milliseconds interval, const std::stop_token& stop);

  LostRuns lost_runs_;
  std::jthread thread_;  // last: it is joined first
};

}  // namespace flowstone::workers
