// What happens, what falls due, and what becomes of it.
#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>

#include <fmt/core.h>

#include "commands/event_value.hpp"
#include "domain/trigger.hpp"
#include "schemas/run_generated.h"
#include "workers/requests.hpp"
#include "workers/triggers/due_times.hpp"
#include "workers/triggers/triggers.hpp"

namespace flowstone::workers {
namespace {

using schemas::EvaluationOutcome;

constexpr std::size_t kStartsAtOnce = 64;
constexpr std::size_t kLookedAtOnce = 1'000;
constexpr std::chrono::microseconds kJump{std::chrono::seconds(60)};

jsonata::Context context_of(const eventstore::RecordedEvent& event) {
  return {.now = event.time, .random = commands::chance_of(event.position.value)};
}

bool is_event_rule(const std::optional<workflows::StartRule>& rule) {
  return rule && rule->kind == workflows::StartKind::event;
}

bool has_ended(schemas::RunStatus status) {
  using enum schemas::RunStatus;
  return status != requested && status != running && status != paused && status != lost;
}

schemas::RecordTriggerEvaluationT of_event(const eventstore::RecordedEvent& event) {
  schemas::RecordTriggerEvaluationT evaluation;
  evaluation.outcome = EvaluationOutcome::skipped;
  evaluation.position = event.position.value;
  evaluation.event_type = event.type;
  return evaluation;
}

schemas::RecordTriggerEvaluationT of_span(EvaluationOutcome outcome, std::string reason, std::string detail,
                                          const DueSpan& span) {
  schemas::RecordTriggerEvaluationT evaluation;
  evaluation.outcome = outcome;
  evaluation.reason = std::move(reason);
  evaluation.detail = std::move(detail);
  evaluation.count = span.count;
  if (span.count > 1) evaluation.first_due_at = span.first.micros;
  evaluation.due_at = span.last.micros;
  return evaluation;
}

// The answers to several starts, which may outlive who waits for them.
struct Answers {
  std::mutex mutex;
  std::condition_variable_any arrived;
  std::vector<std::optional<commands::CommandResult>> results;
  std::size_t open = 0;
};

}  // namespace

Result<void, std::string> Triggers::look(const std::stop_token& stop) {
  FLOWSTONE_TRY_VOID(read_on(stop));
  FLOWSTONE_TRY_VOID(look_at_clock(stop));
  evaluations_.release(services_.clock.now(), false);
  return record();
}

Result<void, std::string> Triggers::finish() {
  evaluations_.release(services_.clock.now(), true);
  return record();
}

// --- what happens ---

Triggers::Done Triggers::read_on(const std::stop_token& stop) {
  const Position to = services_.store.state().durable;
  if (to <= done_) return {};
  auto reader = services_.store.read({}, {.from = Position{done_.value + 1}, .to = to});
  if (!reader) return failure(reader.error().detail);
  while (!stop.stop_requested()) {
    const auto event = (*reader)->next();
    if (!event) return failure(event.error().detail);
    if (*event == nullptr) break;
    const auto category = (*event)->category();
    if (category == "workflow" || category == "trigger") FLOWSTONE_TRY_VOID(follow_life(**event, stop));
    const auto of_workspace = known_.find(std::string((*event)->workspace));
    if (of_workspace == known_.end()) continue;
    std::optional<jsonata::Value> value;
    for (auto& [id, trigger] : of_workspace->second) {
      if (!trigger.enabled || !is_event_rule(trigger.rule) || (*event)->position <= trigger.evaluated ||
          !trigger.rule->wants((*event)->type))
        continue;
      if (!value) value = commands::value_of(**event);
      FLOWSTONE_TRY_VOID(look_at(trigger, **event, *value));
    }
    if (looked_.size() >= kLookedAtOnce) FLOWSTONE_TRY_VOID(settle(stop));
  }
  FLOWSTONE_TRY_VOID(settle(stop));
  if (!stop.stop_requested()) done_ = to;
  return {};
}

Triggers::Done Triggers::catch_up(Known& trigger, Position to, const std::stop_token& stop) {
  if (!trigger.enabled || !is_event_rule(trigger.rule) || to <= trigger.evaluated) return {};
  eventstore::Filter filter;
  filter.workspace = trigger.workspace;
  for (const auto& type : trigger.rule->types) filter.categories.push_back(type.substr(0, type.find('.')));
  if (std::ranges::find(filter.categories, "*") != filter.categories.end()) filter.categories.clear();
  auto reader = services_.store.read(filter, {.from = Position{trigger.evaluated.value + 1}, .to = to});
  if (!reader) return failure(reader.error().detail);
  while (!stop.stop_requested()) {
    const auto event = (*reader)->next();
    if (!event) return failure(event.error().detail);
    if (*event == nullptr) break;
    if (!trigger.rule->wants((*event)->type)) continue;
    FLOWSTONE_TRY_VOID(look_at(trigger, **event, commands::value_of(**event)));
    if (looked_.size() >= kLookedAtOnce) FLOWSTONE_TRY_VOID(settle(stop));
  }
  FLOWSTONE_TRY_VOID(settle(stop));
  if (!stop.stop_requested()) trigger.evaluated = to;
  return {};
}

Triggers::Done Triggers::look_at(Known& trigger, const eventstore::RecordedEvent& event, const jsonata::Value& value) {
  auto evaluation = of_event(event);
  const auto context = context_of(event);
  if (trigger.rule->condition) {
    auto verdict = trigger.rule->condition->judge(value, context);
    if (!verdict.holds) {
      evaluation.reason = verdict.error.empty() ? "condition_false" : "condition_failed";
      evaluation.detail = std::move(verdict.error);
      evaluation.condition = std::move(verdict.part);
      looked_.push_back({&trigger, std::move(evaluation), std::nullopt});
      return {};
    }
  }
  FLOWSTONE_TRY(const auto depth, depth_of(event));
  if (depth > commands::kMaxTriggerDepth) {
    evaluation.reason = "too_deep";
    evaluation.detail = fmt::format(
        "The event is an effect of a run that {} other runs led to one after the other; beyond {} nothing is started.",
        depth - 1, commands::kMaxTriggerDepth);
    looked_.push_back({&trigger, std::move(evaluation), std::nullopt});
    return {};
  }
  const auto position = std::to_string(event.position.value);
  ask_for(trigger,
          {.key = "event " + position, .position = event.position, .due_at = {}, .causation = position, .depth = depth},
          value, context, std::move(evaluation));
  return {};
}

// One more than that of the run that caused the event; 0 if no run did.
Result<std::uint32_t, std::string> Triggers::depth_of(const eventstore::RecordedEvent& event) {
  const auto cause = commands::causing_run(event);
  if (!cause) return 0U;
  FLOWSTONE_TRY(const auto run, read_state<schemas::RunT>(services_.executor, event.workspace, "run", *cause));
  return run ? run->depth + 1 : 0U;
}

void Triggers::ask_for(Known& trigger, const commands::StartCause& cause, const jsonata::Value& over,
                       const jsonata::Context& context, Evaluation evaluation) {
  auto input = commands::input_of(*trigger.rule, trigger.inputs ? &*trigger.inputs : nullptr, over, over, context);
  if (!input) {
    evaluation.outcome = EvaluationOutcome::failed;
    evaluation.reason = std::move(input.error().reason);
    evaluation.detail = std::move(input.error().detail);
    looked_.push_back({&trigger, std::move(evaluation), std::nullopt});
    return;
  }
  looked_.push_back({&trigger, std::move(evaluation),
                     commands::run_request_of(trigger.workspace, trigger.state, cause, *std::move(input))});
}

// --- what falls due ---

std::optional<Timestamp> Triggers::next_due() const {
  std::optional<Timestamp> soonest;
  for (const auto& [workspace, triggers] : known_) {
    for (const auto& [id, trigger] : triggers) {
      if (!trigger.enabled || !trigger.state.next_due_at) continue;
      const Timestamp at{*trigger.state.next_due_at};
      if (!soonest || at < *soonest) soonest = at;
    }
  }
  return soonest;
}

Triggers::Done Triggers::look_at_clock(const std::stop_token& stop) {
  const Timestamp now = services_.clock.now();
  // Nobody looked meanwhile: the machine slept, or its clock was put forward.
  if (now - looked_last_ > kJump) awake_since_ = now;
  looked_last_ = now;
  for (auto& [workspace, triggers] : known_) {
    for (auto& [id, trigger] : triggers) {
      if (stop.stop_requested()) return {};
      const bool schedule = trigger.rule && trigger.rule->kind == workflows::StartKind::schedule;
      if (trigger.enabled && schedule && trigger.state.due_after && trigger.state.next_due_at &&
          Timestamp{*trigger.state.next_due_at} <= now)
        FLOWSTONE_TRY_VOID(look_at_schedule(trigger, now, stop));
    }
  }
  return {};
}

Triggers::Done Triggers::look_at_schedule(Known& trigger, Timestamp now, const std::stop_token& stop) {
  const Timestamp anchor{trigger.state.anchor_at.value_or(0)};
  const auto due = due_times(*trigger.rule, anchor, Timestamp{*trigger.state.due_after}, now,
                             awake_since_ + -std::chrono::microseconds(kPunctual));
  if (due.missed.count > 0) {
    auto detail =
        fmt::format("Nobody looked when it fell due{}.", due.missed.more ? ", and more often than counted" : "");
    looked_.push_back(
        {&trigger, of_span(EvaluationOutcome::missed, "not_looked_at", std::move(detail), due.missed), {}});
  }
  if (due.crowded.count > 0) {
    auto detail = fmt::format("More than {} times waited for the run before to end.", kMostWaiting);
    looked_.push_back(
        {&trigger, of_span(EvaluationOutcome::skipped, "queue_full", std::move(detail), due.crowded), {}});
  }
  FLOWSTONE_TRY_VOID(settle(stop));
  for (const bool caught_up : {true, false}) {
    for (const Timestamp at : caught_up ? due.caught_up : due.on_time) {
      if (stop.stop_requested()) return {};
      FLOWSTONE_TRY(const bool fired, fire(trigger, at, caught_up, stop));
      if (!fired) return {};
    }
  }
  return {};
}

Result<bool, std::string> Triggers::fire(Known& trigger, Timestamp due, bool caught_up, const std::stop_token& stop) {
  Evaluation evaluation;
  evaluation.outcome = EvaluationOutcome::skipped;
  evaluation.due_at = due.micros;
  if (caught_up) evaluation.detail = "It fell due while nobody looked, and is made up for.";
  FLOWSTONE_TRY(const bool busy, is_busy(trigger));
  if (busy && trigger.rule->overlap == workflows::Overlap::queue) return false;
  if (busy && trigger.rule->overlap == workflows::Overlap::skip) {
    evaluation.reason = "overlap";
    evaluation.detail = fmt::format("Its run {} goes on.", trigger.state.last_run_id);
    looked_.push_back({&trigger, std::move(evaluation), std::nullopt});
  } else {
    if (caught_up) evaluation.reason = "caught_up";
    const auto over = commands::value_of_time(trigger.state.name, due);
    const auto key = fmt::format("due {}", due.micros);
    ask_for(trigger,
            {.key = key,
             .position = {},
             .due_at = due,
             .causation = fmt::format("trigger-{}", trigger.state.id),
             .depth = 0},
            over, {.now = due, .random = commands::chance_of(static_cast<std::uint64_t>(due.micros))},
            std::move(evaluation));
  }
  FLOWSTONE_TRY_VOID(settle(stop));
  return true;
}

Result<bool, std::string> Triggers::is_busy(const Known& trigger) {
  if (trigger.rule->overlap == workflows::Overlap::allow || trigger.state.last_run_id.empty()) return false;
  FLOWSTONE_TRY(const auto run,
                read_state<schemas::RunT>(services_.executor, trigger.workspace, "run", trigger.state.last_run_id));
  return run && !has_ended(run->status);
}

// --- what becomes of it ---

// Starts what is to be started, and hands on how everything ended. After an error nothing of it counts as looked at.
Triggers::Done Triggers::settle(const std::stop_token& stop) {
  if (looked_.empty()) return {};
  FLOWSTONE_TRY(const auto results, start_all(stop));
  if (stop.stop_requested()) return {};
  const Timestamp now = services_.clock.now();
  std::size_t next = 0;
  std::string refused;
  for (auto& looked : looked_) {
    if (looked.request) {
      const auto verdict = commands::verdict_of(results[next++]);
      if (!verdict) {
        refused = "a run could not be started; it is tried again";
        break;
      }
      looked.evaluation.outcome = verdict->outcome;
      if (verdict->outcome == EvaluationOutcome::started) {
        looked.evaluation.run_id = looked.trigger->state.last_run_id = looked.request->id;
      } else {
        looked.evaluation.reason = verdict->reason;
        looked.evaluation.detail = verdict->detail;
      }
    }
    auto& state = looked.trigger->state;
    if (looked.evaluation.due_at) {
      state.due_after = looked.evaluation.due_at;
      const auto due = domain::next_due(*looked.trigger->rule, Timestamp{state.anchor_at.value_or(0)},
                                        Timestamp{*looked.evaluation.due_at});
      state.next_due_at = due ? flatbuffers::Optional<std::int64_t>(due->micros) : flatbuffers::nullopt;
    }
    evaluations_.add(looked.trigger->workspace, state.id, std::move(looked.evaluation), now);
  }
  looked_.clear();
  FLOWSTONE_TRY_VOID(record());
  if (!refused.empty()) return failure(std::move(refused));
  return {};
}

// The answers, in order; none of what was asked for is forgotten by who answers when this stops waiting.
Result<std::vector<commands::CommandResult>, std::string> Triggers::start_all(const std::stop_token& stop) {
  auto answers = std::make_shared<Answers>();
  for (const auto& looked : looked_) answers->open += looked.request ? 1U : 0U;
  answers->results.resize(answers->open);
  std::size_t asked = 0;
  const std::size_t all = answers->open;
  for (auto& looked : looked_) {
    if (!looked.request) continue;
    std::unique_lock lock(answers->mutex);
    // So many are under way at a time.
    answers->arrived.wait(lock, stop, [&] { return asked - (all - answers->open) < kStartsAtOnce; });
    if (stop.stop_requested()) return std::vector<commands::CommandResult>();
    lock.unlock();
    services_.runs.start(*looked.request, [answers, at = asked](commands::CommandResult result) {
      const std::lock_guard guard(answers->mutex);
      answers->results[at] = std::move(result);
      --answers->open;
      answers->arrived.notify_all();
    });
    ++asked;
  }
  std::unique_lock lock(answers->mutex);
  answers->arrived.wait(lock, stop, [&] { return answers->open == 0; });
  std::vector<commands::CommandResult> results;
  if (answers->open > 0) return results;
  for (auto& result : answers->results) results.push_back(*std::move(result));
  return results;
}

Triggers::Done Triggers::record() {
  auto commands = evaluations_.take();
  return commands.empty() ? Done{} : execute_all(services_.executor, std::move(commands));
}

Triggers::Done Triggers::record_everything(const std::stop_token& stop) {
  FLOWSTONE_TRY_VOID(settle(stop));
  evaluations_.release(services_.clock.now(), true);
  return record();
}

}  // namespace flowstone::workers
