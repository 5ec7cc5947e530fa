#include "workers/triggers/evaluations.hpp"

#include <iterator>
#include <utility>

#include "commands/triggered_run.hpp"

namespace flowstone::workers {
namespace {

using Evaluation = schemas::RecordTriggerEvaluationT;

bool can_wait(const Evaluation& evaluation) {
  return evaluation.outcome == schemas::EvaluationOutcome::skipped && evaluation.count < Evaluations::kMost;
}

bool alike(const Evaluation& one, const Evaluation& other) {
  return one.outcome == other.outcome && one.reason == other.reason && one.condition == other.condition &&
         one.position.has_value() == other.position.has_value() && one.due_at.has_value() == other.due_at.has_value();
}

// The later one, with where the earlier one began.
Evaluation merged(const Evaluation& earlier, Evaluation later) {
  later.count += earlier.count;
  if (later.position) later.first_position = earlier.first_position ? earlier.first_position : earlier.position;
  if (later.due_at) later.first_due_at = earlier.first_due_at ? earlier.first_due_at : earlier.due_at;
  return later;
}

}  // namespace

void Evaluations::add(const std::string& workspace, const std::string& trigger_id, Evaluation evaluation,
                      Timestamp now) {
  const auto found = held_.find(trigger_id);
  if (found != held_.end()) {
    Held& held = found->second;
    if (can_wait(evaluation) && alike(held.evaluation, evaluation)) {
      held.evaluation = merged(held.evaluation, std::move(evaluation));
      if (held.evaluation.count < kMost) return;
      tell(trigger_id, held);
      held_.erase(found);
      return;
    }
    tell(trigger_id, held);
    held_.erase(found);
  }
  Held held{.workspace = workspace, .evaluation = std::move(evaluation), .since = now};
  if (can_wait(held.evaluation))
    held_.emplace(trigger_id, std::move(held));
  else
    tell(trigger_id, held);
}

void Evaluations::tell(const std::string& trigger_id, const Held& held) {
  ready_.push_back(commands::evaluation_of(held.workspace, trigger_id, "worker:triggers", held.evaluation));
}

void Evaluations::release(Timestamp now, bool everything) {
  for (auto at = held_.begin(); at != held_.end();) {
    // A clock that was put back is no reason to wait.
    const bool due = everything || now - at->second.since >= kLongest || now < at->second.since;
    if (due) tell(at->first, at->second);
    at = due ? held_.erase(at) : std::next(at);
  }
}

std::vector<commands::Command> Evaluations::take() { return std::exchange(ready_, {}); }

void Evaluations::clear() {
  held_.clear();
  ready_.clear();
}

}  // namespace flowstone::workers
