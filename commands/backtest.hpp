// What a rule would have done: its condition and its input, held against what is in the log, with nothing done.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/position.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "eventstore/store.hpp"
#include "workflows/start_rule.hpp"

namespace flowstone::commands {

struct BacktestQuery {
  std::string workspace;
  Timestamp since, until;
  std::size_t occasions = 50;    // that are told at most; the newest
  std::size_t looked = 100'000;  // that are looked at at most; the newest
};

struct Occasion {
  std::optional<Position> position;  // of an event
  std::string event_type, stream;
  Timestamp at;
  std::string input;  // what the run would have been given, as JSON
  std::string error;  // why there would have been no run
};

struct Backtest {
  Timestamp since;  // how far back it looked
  std::uint64_t looked_at = 0, acted = 0, failed = 0;
  std::vector<std::pair<std::string, std::uint64_t>> misses;  // by part of the condition
  std::vector<Occasion> occasions;                            // the newest first
  bool complete = true;
};

// Of an event rule: the events that it wants. Of a schedule: the times at which it was due, whether anything else went
// on or not. Of a webhook: nothing, for what came is not in the log.
// Blocking. Cost: reads what the workspace's log has of the rule's categories since then.
Result<Backtest, eventstore::StoreError> backtest(eventstore::Store& store, const workflows::StartRule& rule,
                                                  const BacktestQuery& query);

}  // namespace flowstone::commands
