#include "workers/engine/run_batch.hpp"

#include <cstdint>
#include <utility>

#include "domain/run/machine.hpp"

namespace flowstone::workers {
namespace {

constexpr std::size_t kMostBytes = 1U << 20U;

std::size_t size_of(const schemas::RunTransitionT& transition) {
  return 100 + transition.path.size() + transition.input.size() + transition.output.size() +
         transition.assigned.size() + transition.options.size() + transition.cause.size();
}

}  // namespace

void RunBatch::add(const asl::Event& event) {
  transitions.push_back(std::make_unique<schemas::RunTransitionT>(domain::transition_of(event)));
  bytes += size_of(*transitions.back());
}

bool RunBatch::is_full(std::size_t events) const { return transitions.size() >= events || bytes >= kMostBytes; }

schemas::AdvanceRunT advance_of(const LiveRun& run, RunBatch batch, bool rests) {
  const auto& machine = *run.history->machine;
  schemas::AdvanceRunT advance;
  advance.id = run.id;
  advance.sequence = run.ending ? 1 : machine.events() - batch.transitions.size() + 1;
  if (rests && !run.ending && (machine.status() == asl::Status::none || machine.status() == asl::Status::running)) {
    const auto due = machine.due();
    if (due && !run.history->paused) advance.due_at = due->micros;
    advance.open_tasks = static_cast<std::uint32_t>(
        run.reconcile ? machine.tasks().size() : run.out.size() + run.scheduled.size() + run.taken.size());
  }
  advance.transitions = std::move(batch.transitions);
  return advance;
}

}  // namespace flowstone::workers
