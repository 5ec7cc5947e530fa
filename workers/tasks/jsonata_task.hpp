// `flowstone:jsonata`: an expression, evaluated beside the run and not within its step: with a larger budget and with
// `$eval` (docs/tasks.md). Time and chance are the world's; the run records what came of them.
//
// Threads, Limits: those of a lane (workers/tasks/lane.hpp). An evaluation has 5,000,000 steps, 64 MiB and 5 seconds;
// what needs no more than 20,000 steps and 1 MiB is known at once.
#pragma once

#include "base/time.hpp"
#include "workers/tasks/lane.hpp"

namespace flowstone::workers {

class JsonataTask final : public TaskHandler {
 public:
  JsonataTask(const Clock& clock, LaneLimits limits);

  AtOnce at_once(const TaskCall& call) override;
  void perform(TaskCall call, Done done) override { lane_.add(std::move(call), std::move(done)); }
  void cancel(const std::string& key) override { lane_.cancel(key); }

 private:
  struct Budget;
  static const Budget kWhole, kMoment;
  // Nothing: it was stopped, or the expression is longer than the budget lets it be.
  std::optional<TaskOutcome> evaluate(const TaskCall& call, const Budget& budget, const std::stop_token& stop) const;

  const Clock& clock_;
  Lane lane_;
};

}  // namespace flowstone::workers
