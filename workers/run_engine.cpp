#include "workers/run_engine.hpp"

#include <exception>
#include <optional>
#include <pthread.h>
#include <thread>
#include <vector>

#include "workers/engine/conductor.hpp"
#include "workers/engine/log_follower.hpp"
#include "workers/requests.hpp"

namespace flowstone::workers {
namespace {

commands::CommandResult refused(commands::CommandError::Code code, std::string detail) {
  return failure(commands::CommandError{.code = code, .rejection = {}, .current = {}, .detail = std::move(detail)});
}

}  // namespace

struct RunEngine::State {
  State(EngineServices with, const EngineOptions& options, commands::WorkflowRuns& runs)
      : services(std::move(with)),
        longest_sleep(options.longest_sleep),
        roster(std::make_shared<Roster>(options.runs)),
        definitions(services.store),
        conductor(services, options, roster, definitions, runs) {
    for (std::size_t each = 0; each < options.threads; ++each)
      threads.emplace_back([this](const std::stop_token& stop) { conduct(stop); });
    timer = std::jthread([this](const std::stop_token& stop) { keep_time(stop); });
    follower.emplace(services, roster);
  }

  ~State() {
    follower.reset();
    timer = {};
    for (auto& thread : threads) thread.request_stop();
    threads.clear();
    roster->wait_for_answers();
    for (auto& done : roster->take_everybody())
      done(refused(commands::CommandError::Code::stopped, "the server is stopping"));
  }

  void conduct(const std::stop_token& stop) {
    ::pthread_setname_np(::pthread_self(), "runs");
    while (const auto run = roster->next(stop)) {
      try {
        conductor.take_turn(run);
      } catch (const std::exception& error) {
        conductor.break_off(run, error.what());
      }
    }
  }

  void keep_time(const std::stop_token& stop) {
    ::pthread_setname_np(::pthread_self(), "runs-timer");
    while (!stop.stop_requested()) {
      for (auto& [key, done] : roster->wake_due(services.clock.now()))
        done(read_run(services.executor, key.first, key.second));
      roster->wait_for_due(services.clock, longest_sleep, stop);
    }
  }

  // A run that is not here has ended, unless those that were left are still taken up.
  [[nodiscard]] commands::CommandResult absent(const std::string& run_id) const {
    using enum commands::CommandError::Code;
    if (!follower) return refused(stopped, "the server is stopping");
    if (!follower->wait_until_taken_up(std::chrono::milliseconds(0)))
      return refused(busy, "the runs are still taken up; try again later");
    return task_not_out("No run " + run_id + " goes on.");
  }

  const EngineServices services;
  const std::chrono::milliseconds longest_sleep;
  const std::shared_ptr<Roster> roster;
  Definitions definitions;
  Conductor conductor;
  std::vector<std::jthread> threads;
  std::jthread timer;
  std::optional<LogFollower> follower;
};

RunEngine::RunEngine(EngineServices services, EngineOptions options)
    : state_(std::make_unique<State>(std::move(services), options, *this)) {}
RunEngine::~RunEngine() = default;

void RunEngine::start(commands::Command request, Done done) {
  bool made = false;
  const auto run = state_->roster->add(request.workspace, request.id, made);
  if (!run)
    return done(refused(commands::CommandError::Code::busy, "as many runs as may be wait already; try again later"));
  if (!made) {
    return done(rejected({.kind = Rejection::Kind::conflict,
                          .code = "run_exists",
                          .detail = "A run with this id exists already; leave the id out to get a fresh one.",
                          .field = {}}));
  }
  // Nobody else knows the run before its first turn.
  run->request = std::move(request);
  run->started = std::move(done);
  state_->roster->post(run, Wake{});
}

void RunEngine::report(commands::TaskWord word, Done done) {
  const auto run = state_->roster->find(word.workspace, word.run_id);
  if (!run) return done(state_->absent(word.run_id));
  Word said;
  said.report = std::move(word.report);
  said.done = std::move(done);
  state_->roster->post(run, std::move(said));
}

void RunEngine::wait_for_end(std::string workspace, std::string run_id, std::chrono::milliseconds patience, Done done) {
  state_->roster->wait_for_end({std::move(workspace), std::move(run_id)}, state_->services.clock.now() + patience,
                               std::move(done));
}

commands::WorkflowRuns::Figures RunEngine::figures() const {
  const auto counts = state_->roster->counts();
  return {.runs = counts.runs,
          .in_memory = state_->conductor.machines_in_memory(),
          .waiting_for_turn = counts.waiting_for_turn,
          .timers = counts.timers};
}

bool RunEngine::wait_until_taken_up(std::chrono::milliseconds patience) const {
  return state_->follower->wait_until_taken_up(patience);
}

}  // namespace flowstone::workers
