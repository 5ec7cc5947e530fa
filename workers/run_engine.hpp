// Carries workflows out: decides what each run does next, appends it, waits, and lets tasks be done.
//
// What a run did is in the log before anything outside follows from it: a task begins when the event that asks for it
// is durable, unless it has no effect (`TaskHandler::at_once`), and what it says is appended together with what the run
// does then. After a crash each run is folded from its
// stream and goes on; tasks that were out are begun again under the same key.
//
// Order: the events of a run are decided one after the other; workspaces take turns.
// Threads: its own; every member may be called from any thread. The destructor stops and joins them; runs under way are
// taken up at the next start.
// Lifetime: services and handlers outlive it.
// Limits: EngineOptions.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "asl/machine.hpp"
#include "base/identifier.hpp"
#include "base/time.hpp"
#include "commands/executor.hpp"
#include "commands/workflow_runs.hpp"
#include "eventstore/store.hpp"
#include "projections/catalog.hpp"
#include "workers/tasks/task.hpp"

namespace flowstone::workers {

struct EngineServices {
  eventstore::Store& store;
  projections::Catalog& catalog;
  commands::Executor& executor;
  const Clock& clock;
  // Who does tasks with this resource; null if nobody does.
  std::function<TaskHandler*(std::string_view resource)> handler;
};

struct EngineOptions {
  std::size_t threads = 2;
  std::size_t machines = 10'000;  // runs that rest are kept folded in memory up to so many; others are folded again
  std::size_t batch = 500;        // events that one append holds at most
  std::size_t at_once = 50;       // tasks that it may begin or end together with what asks for them
  std::size_t runs = 1'000'000;   // that go on or wait; more are refused (busy)
  asl::RunLimits limits = {};     // of one run
  std::chrono::milliseconds longest_sleep{1'000};  // then it looks at the clock, which may have been set
};

class RunEngine final : public commands::WorkflowRuns {
 public:
  explicit RunEngine(EngineServices services, EngineOptions options = {});
  ~RunEngine() override;
  RunEngine(const RunEngine&) = delete;
  RunEngine& operator=(const RunEngine&) = delete;

  void start(commands::Command request, Done done) override;
  void report(commands::TaskWord word, Done done) override;
  void wait_for_end(std::string workspace, std::string run_id, std::chrono::milliseconds patience, Done done) override;

  [[nodiscard]] Figures figures() const override;
  // Blocks until what the log held when this was called is taken up. False if that takes longer than `patience`.
  [[nodiscard]] bool wait_until_taken_up(std::chrono::milliseconds patience) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace flowstone::workers
