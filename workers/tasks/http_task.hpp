// `flowstone:http`: asks somebody's server (docs/tasks.md).
//
// Every request carries the call's key as `Idempotency-Key`, so that who is asked can tell that it was asked before.
// Guarded as outside/requester.hpp says.
//
// Threads, Limits: those of a lane (workers/tasks/lane.hpp), one thread a request.
#pragma once

#include "outside/requester.hpp"
#include "workers/tasks/lane.hpp"

namespace flowstone::workers {

class HttpTask final : public TaskHandler {
 public:
  HttpTask(outside::WayOutOptions way_out, LaneLimits limits);

  void perform(TaskCall call, Done done) override { lane_.add(std::move(call), std::move(done)); }
  void cancel(const std::string& key) override { lane_.cancel(key); }

 private:
  std::optional<TaskOutcome> ask(const TaskCall& call, const std::stop_token& stop);

  outside::Requester requester_;
  Lane lane_;
};

// What the task makes of an answer: an output, or an error for 400 and above.
TaskOutcome outcome_of(const outside::Answer& answer);

}  // namespace flowstone::workers
