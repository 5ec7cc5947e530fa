#include "workers/engine/conductor.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include "base/check.hpp"
#include "base/digest.hpp"
#include "commands/run_request.hpp"
#include "domain/run/machine.hpp"
#include "jsonata/json_text.hpp"
#include "schemas/packed.hpp"
#include "workers/requests.hpp"
#include "workers/run_recorder.hpp"

namespace flowstone::workers {
namespace {

constexpr std::string_view kActor = "worker:run-engine";
constexpr std::chrono::milliseconds kFirstDelay{100};
constexpr std::uint32_t kMostDoublings = 9;

using commands::CommandError;

bool has_ended(asl::Status status) { return status != asl::Status::none && status != asl::Status::running; }

// What chance is drawn from.
std::uint64_t fresh_seed() {
  const auto bytes = random_bytes(8);
  std::uint64_t seed = 0;
  for (const char byte : bytes) seed = (seed << 8U) | static_cast<std::uint8_t>(byte);
  return seed & asl::kMaxSeed;
}

// "/items/0" -> "input.items.0"
std::string field_of(const workflows::Misfit& misfit) {
  std::string field = "input" + misfit.path;
  std::ranges::replace(field, '/', '.');
  return field;
}

// After it the tasks that are out may be others than those that were.
bool may_let_go(asl::EventType type) {
  using enum asl::EventType;
  return type == task_timed_out || type == branch_aborted || type == branch_failed || type == state_failed;
}

}  // namespace

Conductor::Conductor(const EngineServices& services, const EngineOptions& options, std::shared_ptr<Roster> roster,
                     Definitions& definitions, commands::WorkflowRuns& runs)
    : services_(services),
      options_(options),
      roster_(std::move(roster)),
      definitions_(definitions),
      tasks_({.store = services.store,
              .definitions = definitions,
              .catalog = services.catalog,
              .executor = services.executor,
              .handler = services.handler,
              .runs = runs},
             roster_) {}

Timestamp Conductor::now(const LiveRun& run) const { return std::max(services_.clock.now(), run.last); }

void Conductor::take_turn(const RunPointer& run) {
  if (run->appended && !settle(run, *std::exchange(run->appended, std::nullopt))) return;
  if (!load(run)) return;
  auto messages = std::exchange(run->held, {});
  for (auto& message : roster_->take_inbox(*run)) messages.push_back(std::move(message));
  RunBatch batch;
  if (run->history->machine->status() == asl::Status::none && !begins(run, batch)) {
    if (!run->history) return;
    run->held = std::move(messages);
    if (run->ending || run->request) return append(run, std::move(batch));
    return roster_->end_turn(run, std::nullopt);
  }
  if (run->history->machine->events() < run->history->request.forked_sequence.value_or(0)) {
    run->held = std::move(messages);
    if (!take_over(run, batch)) return;
    messages = std::exchange(run->held, {});
  }
  for (auto& message : messages) take(run, std::move(message), batch);
  decide(*run, batch);
  if (batch.transitions.empty()) return rest(run);
  append(run, std::move(batch));
}

// --- what the log answered ---

bool Conductor::settle(const RunPointer& run, const commands::CommandResult& appended) {
  if (run->request && !appended) {
    turn_away(run, appended);
    return false;
  }
  if (auto started = std::exchange(run->started, {})) started(appended);
  for (auto& told : std::exchange(run->told, {})) told(appended);
  auto unsaved = std::exchange(run->unsaved, {});
  if (appended) {
    run->request.reset();
    run->failures = 0;
    if (run->ending || has_ended(run->history->machine->status())) return end(run, appended);
    tasks_.hand_over(*run, appended);
    tasks_.keep_up(run);
    return true;
  }
  forget(*run);
  run->ending = false;
  for (auto& word : unsaved) run->held.emplace_back(std::move(word));
  if (appended.error().rejection.code == "run_ended") {
    const auto state = services_.executor.read(run->workspace, *domain::find_aggregate_type("run"), run->id);
    if (state && *state) return end(run, **state);
  }
  postpone(run, sentence_of(appended.error()));
  return false;
}

void Conductor::break_off(const RunPointer& run, const std::string& why) {
  const commands::CommandResult failed =
      failure(CommandError{.code = CommandError::Code::storage_failed, .rejection = {}, .current = {}, .detail = why});
  for (auto& told : std::exchange(run->told, {})) told(failed);
  if (run->request) return turn_away(run, failed);
  for (auto& word : std::exchange(run->unsaved, {})) run->held.emplace_back(std::move(word));
  run->ending = false;
  forget(*run);
  postpone(run, why);
}

void Conductor::postpone(const RunPointer& run, const std::string& why) {
  for (auto& message : roster_->take_inbox(*run)) run->held.push_back(std::move(message));
  const auto delay = kFirstDelay * (1U << std::min(run->failures++, kMostDoublings));
  spdlog::warn("run {}: {}; again in {} ms", run->id, why, delay.count());
  roster_->end_turn(run, services_.clock.now() + delay);
}

bool Conductor::end(const RunPointer& run, const commands::CommandResult& outcome) {
  tell_parent(*run);
  tasks_.let_go_of_all(*run);
  for (auto& message : roster_->take_inbox(*run)) refuse(message);
  for (auto& message : std::exchange(run->held, {})) refuse(message);
  roster_->remove(*run);
  for (auto& done : roster_->take_waiting(key_of(*run))) done(outcome);
  forget(*run);
  return false;
}

void Conductor::tell_parent(const LiveRun& run) {
  if (!run.history || run.history->request.parent_run_id.empty()) return;
  const auto& request = run.history->request;
  const auto parent = roster_->find(run.workspace, request.parent_run_id);
  if (!parent) return;
  auto outcome = outcome_of_child(*run.history->machine, run.id);
  if (!outcome)
    outcome = TaskOutcome{.output = {}, .error = "Run.Cancelled", .cause = fmt::format("run {} never began", run.id)};
  const OutTask task{.key = {},
                     .path = request.parent_path,
                     .state = request.parent_state,
                     .resource = {},
                     .attempt = request.parent_attempt.value_or(0)};
  roster_->post(parent, word_of(task, *std::move(outcome)));
}

// --- before it decides ---

bool Conductor::load(const RunPointer& run) {
  if (run->history) return true;
  if (run->request) return load_new(run);
  auto history = read_history(services_.store, definitions_, run->workspace, run->id);
  if (!history) {
    postpone(run, history.error());
    return false;
  }
  run->history = *std::move(history);
  if (run->history->cancelled) run->held.emplace_back(Cancel{*run->history->cancelled});
  run->reconcile = true;
  ++in_memory_;
  return true;
}

bool Conductor::load_new(const RunPointer& run) {
  schemas::RequestRunT asked;
  flatbuffers::GetRoot<schemas::RequestRun>(run->request->body.data())->UnPackTo(&asked);
  RunHistory history;
  history.request = domain::requested_by(asked);
  auto definition = definitions_.find(run->workspace, asked.workflow_id, Revision{asked.workflow_revision});
  if (!definition) {
    turn_away(
        run,
        failure(CommandError{
            .code = CommandError::Code::storage_failed, .rejection = {}, .current = {}, .detail = definition.error()}));
    return false;
  }
  history.definition = *std::move(definition);
  if (const auto& inputs = history.definition->inputs) {
    const auto input = input_of(history.request);
    if (const auto misfits = inputs->check(input); !misfits.empty()) {
      const auto& first = misfits.front();
      turn_away(run, rejected({.kind = Rejection::Kind::invalid,
                               .code = "invalid_field",
                               .detail = first.sentence,
                               .field = field_of(first)}));
      return false;
    }
    asked.input = jsonata::write_json(inputs->with_defaults(input)).value_or(asked.input);
    history.request.input = asked.input;
    run->request->body = schemas::pack(asked);
  }
  history.machine.emplace(machine_of(history.definition));
  run->history = std::move(history);
  ++in_memory_;
  return true;
}

void Conductor::turn_away(const RunPointer& run, const commands::CommandResult& why) {
  run->request.reset();
  forget(*run);
  roster_->remove(*run);
  if (auto started = std::exchange(run->started, {})) started(why);
}

void Conductor::forget(LiveRun& run) {
  tasks_.take_back(run);
  run.scheduled.clear();
  run.past.reset();
  if (!run.history) return;
  run.history.reset();
  --in_memory_;
}

bool Conductor::begins(const RunPointer& run, RunBatch& batch) {
  auto& history = *run->history;
  if (!run->request) {
    // It was asked for and waited: somebody may have cancelled it meanwhile.
    const auto state = read_state<schemas::RunT>(services_.executor, run->workspace, "run", run->id);
    if (state && *state && (*state)->finished_at) {
      const auto outcome = services_.executor.read(run->workspace, *domain::find_aggregate_type("run"), run->id);
      if (outcome && *outcome) end(run, **outcome);
      return false;
    }
  }
  std::vector<RunPointer> cancelled;
  const auto& concurrency = history.definition->concurrency;
  switch (roster_->admit(run, history.request.workflow_id, concurrency, cancelled)) {
    case Roster::Verdict::waits:
      return false;
    case Roster::Verdict::refused: {
      const auto why = fmt::format("The workflow lets {} run at a time.",
                                   concurrency.mode == workflows::Concurrency::Mode::single ? 1 : concurrency.max);
      if (run->request) {
        turn_away(
            run,
            rejected({.kind = Rejection::Kind::conflict, .code = "concurrency_limit", .detail = why, .field = {}}));
        return false;
      }
      const auto end = asl::abort("Concurrency.Limit", why, now(*run));
      batch.add(end);
      run->ending = true;
      return false;
    }
    case Roster::Verdict::begins:
      break;
  }
  for (const auto& other : cancelled) roster_->post(other, Cancel{fmt::format("Run {} takes its place.", run->id)});
  if (history.request.forked_sequence.value_or(0) == 0) add(*run, beginning_of(*run), batch);
  return true;
}

asl::Event Conductor::beginning_of(const LiveRun& run) const {
  const auto& request = run.history->request;
  return asl::start(input_of(request),
                    {.name = request.name,
                     .id = run.id,
                     .machine_name = run.history->definition->name,
                     .machine_id = request.workflow_id,
                     .seed = fresh_seed()},
                    now(run));
}

bool Conductor::read_past_of(const RunPointer& run) {
  if (run->past) return true;
  auto past = read_past(services_.store, definitions_, run->workspace, *run->history, now(*run));
  if (past) {
    run->past = *std::move(past);
    return true;
  }
  if (!run->request) {
    postpone(run, past.error());
    return false;
  }
  turn_away(run,
            failure(CommandError{
                .code = CommandError::Code::storage_failed, .rejection = {}, .current = {}, .detail = past.error()}));
  return false;
}

bool Conductor::take_over(const RunPointer& run, RunBatch& batch) {
  if (!read_past_of(run)) return false;
  const auto& machine = *run->history->machine;
  const auto& past = *run->past;
  if (machine.events() == 0) {
    for (const auto& said : past.said) {
      schemas::SignalRunT signal;
      signal.id = run->id;
      signal.name = said.name;
      signal.payload = said.payload;
      batch.before.push_back(
          request(run->workspace, std::string(kActor), "run", "signal_run", run->id, schemas::pack(signal)));
    }
    add(*run, beginning_of(*run), batch);
  }
  while (machine.events() < past.events.size() && !is_full(batch)) add(*run, past.events[machine.events()], batch);
  // Its tasks begin where it stands when it has everything.
  run->scheduled.clear();
  run->reconcile = machine.events() == past.events.size();
  if (run->reconcile) {
    run->past.reset();
    return true;
  }
  append(run, std::move(batch));
  return false;
}

// --- what it does next ---

void Conductor::take(const RunPointer& run, Message message, RunBatch& batch) {
  auto& history = *run->history;
  if (std::holds_alternative<Pause>(message)) history.paused = true;
  if (std::holds_alternative<Resume>(message)) history.paused = false;
  if (auto* signal = std::get_if<Signal>(&message); signal != nullptr && signal->revision > history.revision) {
    history.revision = signal->revision;
    history.signals.push_back(std::move(*signal));
    tasks_.hand_out_signals(run);
  }
  if (has_ended(history.machine->status())) return refuse(message);
  if (const auto* cancel = std::get_if<Cancel>(&message)) {
    auto cause = cancel->reason.empty() ? std::nullopt : std::optional(cancel->reason);
    add(*run, asl::abort(std::nullopt, std::move(cause), now(*run)), batch);
  }
  if (auto* word = std::get_if<Word>(&message)) hear(*run, std::move(*word), batch);
}

void Conductor::hear(LiveRun& run, Word word, RunBatch& batch) {
  using Kind = asl::TaskReport::Kind;
  const auto at = now(run);
  const auto event = asl::report(*run.history->machine, word.report, at);
  if (!event) {
    if (word.done) word.done(task_not_out(event.error() + "."));
    return;
  }
  // A heartbeat that nobody waits for is heard and not kept.
  if (word.report.kind == Kind::heartbeat && !event->until) {
    if (word.done) word.done(read_run(services_.executor, run.workspace, run.id));
    return;
  }
  add_report(run, word.report, word.tells_start, *event, batch);
  if (word.done) run.told.push_back(std::exchange(word.done, {}));
  run.unsaved.push_back(std::move(word));
}

void Conductor::add_report(LiveRun& run, const asl::TaskReport& report, bool tells_start, asl::Event event,
                           RunBatch& batch) {
  using Kind = asl::TaskReport::Kind;
  const bool ends = report.kind == Kind::succeeded || report.kind == Kind::failed;
  if (tells_start && ends) {
    asl::TaskReport started = report;
    started.kind = Kind::started;
    started.output = {};
    started.error.reset();
    started.cause.reset();
    if (const auto began = asl::report(*run.history->machine, started, event.time)) add(run, *began, batch);
  }
  if (ends) run.out.erase(event.path);
  add(run, std::move(event), batch);
}

void Conductor::decide(LiveRun& run, RunBatch& batch) {
  if (run.history->paused) return;
  std::size_t asked = 0, at_once = 0;
  while (!is_full(batch)) {
    if (const auto event = asl::next(*run.history->machine, now(run), options_.limits)) {
      add(run, *event, batch);
    } else if (at_once++ >= options_.at_once || !begin_at_once(run, asked, batch)) {
      return;
    }
  }
}

bool Conductor::begin_at_once(LiveRun& run, std::size_t& asked, RunBatch& batch) {
  for (; asked < run.scheduled.size(); ++asked) {
    const auto known = tasks_.at_once(run, run.scheduled[asked]);
    if (!known) continue;
    auto event = asl::report(*run.history->machine, known->report, now(run));
    check(event.has_value(), "a task that is out can be reported on");
    run.scheduled.erase(run.scheduled.begin() + static_cast<std::ptrdiff_t>(asked));
    add_report(run, known->report, known->tells_start, *std::move(event), batch);
    return true;
  }
  return false;
}

bool Conductor::is_full(const RunBatch& batch) const { return batch.is_full(options_.batch); }

void Conductor::add(LiveRun& run, asl::Event event, RunBatch& batch) {
  const auto applied = run.history->machine->apply(event);
  check(applied.has_value(), "a run takes the event that was decided for it");
  run.last = event.time;
  if (event.type == asl::EventType::task_scheduled) run.scheduled.push_back(event.path);
  if (may_let_go(event.type)) run.reconcile = true;
  batch.add(event);
}

void Conductor::append(const RunPointer& run, RunBatch batch) {
  std::vector<commands::Command> together;
  if (run->request) together.push_back(*run->request);
  std::ranges::move(batch.before, std::back_inserter(together));
  if (!batch.transitions.empty()) {
    const auto& machine = *run->history->machine;
    const bool rests =
        !run->past && (!is_full(batch) || run->history->paused || !asl::next(machine, run->last, options_.limits));
    auto command = request(run->workspace, std::string(kActor), "run", "advance_run", run->id,
                           schemas::pack(advance_of(*run, std::move(batch), rests)));
    command.causation = run->id;
    command.correlation = together.empty() ? run->id : together.front().correlation;
    together.push_back(std::move(command));
  }
  roster_->ask_log();
  services_.executor.execute_atomically(
      std::move(together), [roster = roster_, run](std::vector<commands::CommandResult> results) {
        const auto refused = std::ranges::find_if(
            results, [](const auto& result) { return !result && result.error().code != CommandError::Code::stopped; });
        roster->answer(run, refused != results.end() ? std::move(*refused) : std::move(results.back()));
      });
}

void Conductor::rest(const RunPointer& run) {
  tasks_.keep_up(run);
  const auto due = run->history->paused ? std::nullopt : run->history->machine->due();
  if (run->out.empty() && in_memory_.load() > options_.machines) forget(*run);
  roster_->end_turn(run, due);
}

}  // namespace flowstone::workers
