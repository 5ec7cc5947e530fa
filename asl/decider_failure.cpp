#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "asl/decider.hpp"

namespace flowstone::asl {
namespace {

constexpr std::string_view kRuntime = "States.Runtime";
constexpr std::string_view kTooLarge = "States.DataLimitExceeded";
constexpr std::string_view kTimeout = "States.Timeout";
constexpr std::string_view kSilence = "States.HeartbeatTimeout";

}  // namespace

bool matches(const std::vector<std::string>& errors, const std::string& error) {
  if (error == kRuntime) return false;  // nobody handles it
  const auto named = [&](const std::string& name) {
    if (name == error) return true;
    if (name == kTimeout) return error == kSilence;
    if (error == kTooLarge) return false;
    return name == "States.ALL" || (name == "States.TaskFailed" && error != kTimeout && error != kSilence);
  };
  return std::ranges::any_of(errors, named);
}

// What went wrong in a state itself. Causes say which state it was, and the number of the event that entered it.
Event Decider::fail(const Failure& failure, bool final) {
  Event out = event(EventType::state_failed);
  out.error = failure.error;
  out.cause = failure.error == kTooLarge ? failure.cause
                                         : fmt::format(
                                               "An error occurred while executing the state '{}' (entered at "
                                               "the event id #{}). {}",
                                               state_name(), branch_.entered, failure.cause);
  out.location = failure.location;
  std::vector<jsonata::Member> options;
  if (failure.error == "States.QueryEvaluationError") options.push_back({"evaluation", Value::boolean(true)});
  if (final) options.push_back({"final", Value::boolean(true)});
  if (!options.empty()) out.options = Value::object(std::move(options));
  return out;
}

Event Decider::handle_failure() {
  const auto& error = branch_.error.error;
  const auto handles = [&](const auto& handler) { return matches(handler.errors, error); };
  const auto retrier = std::ranges::find_if(state().retriers, handles);
  const auto index = static_cast<std::size_t>(retrier - state().retriers.begin());
  if (retrier != state().retriers.end() && branch_.attempts[index] < retrier->max_attempts) return retry(index);
  const auto catcher = std::ranges::find_if(state().catchers, handles);
  if (catcher != state().catchers.end()) return caught(static_cast<std::size_t>(catcher - state().catchers.begin()));
  return end_broken();
}

Event Decider::retry(std::size_t index) {
  const auto& retrier = state().retriers[index];
  double delay =
      retrier.interval_seconds * std::pow(retrier.backoff_rate, static_cast<double>(branch_.attempts[index]));
  if (retrier.max_delay_seconds) delay = std::min(delay, *retrier.max_delay_seconds);
  if (retrier.full_jitter) delay *= random_();
  Event out = event(EventType::retry_scheduled);
  out.index = index;
  out.attempt = branch_.retries + 1;
  out.until = later(now_, delay);
  return out;
}

Event Decider::caught(std::size_t index) {
  const auto& catcher = state().catchers[index];
  const auto named = [](bool given, const std::string& text) { return given ? std::optional(text) : std::nullopt; };
  const auto error =
      error_output(named(branch_.has_error_name, branch_.error.error), named(branch_.has_cause, branch_.error.cause));
  Flow flow;
  if (auto left = asl::leave(state(), catcher, scope({}, error), error, flow); !left) return fail(left.error(), true);
  Event out = event(EventType::error_caught);
  out.index = index;
  out.output = flow.output;
  out.assigned = flow.assigned;
  out.next = catcher.next;
  return out;
}

// Of nobody's errors a branch ends; those of the machine itself, and those that nobody may handle, end the run.
Event Decider::end_broken() {
  const Branch* last = &branch_;
  while (!last->path.empty() && branch_.error.error == kRuntime && !last->is_run_of_its_own)
    last = run_.find(last->parent);
  Event out = event(last->path.empty() ? EventType::execution_failed : EventType::branch_failed);
  if (last->path.empty()) {
    out.path.clear();
    out.state.clear();
  } else {
    out.path = last->path;
    out.state = run_.find(last->parent)->state->name;
    out.index = last->index;
  }
  if (branch_.has_error_name) out.error = branch_.error.error;
  if (branch_.has_cause) out.cause = branch_.error.cause;
  return out;
}

}  // namespace flowstone::asl
