#include "workers/projection_runner.hpp"

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <utility>

#include <spdlog/spdlog.h>

namespace flowstone::workers {
namespace {

// A follower ends in peace when its build was given up or replaced, and loudly when it could not go on.
void report_end(const projections::Catalog& catalog, std::string_view name) {
  const auto status = catalog.status(name);
  if (status && status->state == projections::Status::State::stopped) {
    spdlog::error("projection {} stopped at position {}: {}", name, status->error_position.value, status->error);
    return;
  }
  if (status) {
    for (const auto& build : status->builds) {
      if (build.role == projections::BuildStatus::Role::failed)
        spdlog::error("projection {}: build {} failed: {}", name, build.number, build.error);
    }
  }
  spdlog::info("projection {}: a build is no longer followed", name);
}

// Sleeps until then, or until a stop is asked for.
void sleep_until(std::chrono::steady_clock::time_point until, const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any().wait_until(lock, stop, until, [] { return false; });
}

}  // namespace

ProjectionRunner::ProjectionRunner(projections::Catalog& catalog, RunnerOptions options)
    : catalog_(catalog), options_(options), claiming_([this](const std::stop_token& stop) { claim(stop); }) {}

ProjectionRunner::~ProjectionRunner() {
  claiming_.request_stop();
  claiming_.join();
  for (Runner& runner : runners_) runner.thread.request_stop();
}

void ProjectionRunner::claim(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    for (std::shared_ptr<projections::Follower>& follower : catalog_.claim_followers(options_.patience, stop)) {
      Runner& runner = runners_.emplace_back();
      runner.thread = std::jthread([this, &runner, follower = std::move(follower)](const std::stop_token& stopping) {
        run(*follower, stopping);
        runner.finished = true;
      });
    }
    std::erase_if(runners_, [](const Runner& runner) { return runner.finished.load(); });
  }
}

void ProjectionRunner::run(projections::Follower& follower, const std::stop_token& stop) const {
  prctl(PR_SET_NAME, ("fold " + std::string(follower.name())).c_str());
  while (!stop.stop_requested()) {
    const auto next = std::chrono::steady_clock::now() + options_.interval;
    if (!follower.step(options_.patience, stop)) {
      report_end(catalog_, follower.name());
      return;
    }
    if (std::chrono::steady_clock::now() < next) sleep_until(next, stop);
  }
}

}  // namespace flowstone::workers
