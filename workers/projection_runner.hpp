// Keeps every projection moving: one thread for each build that is followed, one that waits for new builds.
//
// Threads: `ProjectionRunner` starts and joins all of them; nothing is detached.
// Lifetime: the catalog outlives the runner. The destructor asks all followers to stop, and returns when they have.
// Cost: when the log is quiet, one wake-up per follower and `patience`; when events trickle in, one batch an `interval`.
#pragma once

#include <atomic>
#include <chrono>
#include <list>
#include <memory>
#include <stop_token>
#include <thread>

#include "projections/catalog.hpp"

namespace flowstone::workers {

struct RunnerOptions {
  std::chrono::milliseconds interval{2};    // between the starts of two steps of one follower
  std::chrono::milliseconds patience{500};  // how long a follower waits for an event before it shows that it is alive
};

class ProjectionRunner {
 public:
  explicit ProjectionRunner(projections::Catalog& catalog, RunnerOptions options = {});
  ~ProjectionRunner();
  ProjectionRunner(const ProjectionRunner&) = delete;
  ProjectionRunner& operator=(const ProjectionRunner&) = delete;

 private:
  struct Runner {
    std::atomic<bool> finished{false};
    std::jthread thread;
  };

  void claim(const std::stop_token& stop);
  void run(projections::Follower& follower, const std::stop_token& stop) const;

  projections::Catalog& catalog_;
  const RunnerOptions options_;
  std::list<Runner> runners_;  // the claiming thread's
  std::jthread claiming_;      // last: it is joined first
};

}  // namespace flowstone::workers
