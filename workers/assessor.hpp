// Keeps what insights say of their own freshness true: judges them again when what they rest on has changed, and
// records the difference. Where judging comes to what is recorded already, nothing is appended: there the spread ends.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "commands/executor.hpp"
#include "eventstore/store.hpp"
#include "projections/catalog.hpp"
#include "projections/impact.hpp"

namespace flowstone::workers {

// Threads: every member may be called from any thread; judgements are made one after the other.
// Lifetime: store, catalog and executor outlive it.
class Assessor {
 public:
  Assessor(eventstore::Store& store, projections::Catalog& catalog, commands::Executor& executor)
      : store_(store), catalog_(catalog), executor_(executor) {}

  // Judges these insights and, where that changes them, what rests on them. How many changed.
  Result<std::size_t, std::string> assess(const std::string& workspace, std::set<std::string> insights);
  // The insights that rest on the evidence directly. The catalog must have reached the events that made them.
  Result<std::set<std::string>, std::string> resting_on(const std::string& workspace,
                                                        const std::vector<std::string>& evidence);
  // Waits until the tables have everything that the log has now.
  [[nodiscard]] bool wait_for_tables() const;

 private:
  projections::Knowledge knowledge_of(const std::string& workspace);
  Result<std::set<std::string>, std::string> judge_all(const std::string& workspace, projections::Knowledge& knowledge,
                                                       const std::set<std::string>& insights);
  void add_positions(const std::string& workspace, schemas::FreshnessT& freshness);
  std::optional<std::uint64_t> position_of(const std::string& workspace, const schemas::CauseT& cause);

  eventstore::Store& store_;
  projections::Catalog& catalog_;
  commands::Executor& executor_;
  std::mutex mutex_;
};

}  // namespace flowstone::workers
