#include "workers/engine/tasks_of_run.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include "base/uuid.hpp"
#include "commands/run_request.hpp"
#include "jsonata/json_text.hpp"
#include "schemas/packed.hpp"
#include "workers/requests.hpp"
#include "workers/run_recorder.hpp"

namespace flowstone::workers {
namespace {

constexpr std::string_view kActor = "worker:run-engine";
constexpr const char* kNotTheirs = "The task is not to be done after all.";

std::string text_of(const Value& object, std::string_view member) {
  const auto* found = object.is_object() ? object.find(std::string(member)) : nullptr;
  return found != nullptr && found->is_string() ? found->text() : std::string();
}

TaskOutcome failed(std::string error, std::string cause) {
  return {.error = std::move(error), .cause = std::move(cause)};
}

// The same for every attempt at the task.
std::string key_of_task(const LiveRun& run, const asl::Branch& branch) {
  return fmt::format("{}/{}", run.id, branch.entered);
}

OutTask out_task(const LiveRun& run, const asl::Branch& branch) {
  return {.key = key_of_task(run, branch),
          .path = branch.path,
          .state = branch.state->name,
          .resource = branch.task.resource,
          .attempt = branch.task.attempt,
          .entered = branch.entered};
}

TaskCall call_of(const LiveRun& run, const OutTask& task, const asl::Branch& branch) {
  return {.workspace = run.workspace,
          .run_id = run.id,
          .path = task.path,
          .state = task.state,
          .resource = task.resource,
          .input = branch.task.input,
          .attempt = task.attempt,
          .key = task.key,
          .scheduled_at = branch.task.scheduled_at,
          .deadline = branch.task.timeout,
          .depth = run.history->request.depth.value_or(0),
          .heartbeat_seconds = branch.task.heartbeat_seconds,
          .started = branch.task.started};
}

// The task that is out there, if one is.
const asl::Branch* working(const LiveRun& run, const std::string& path) {
  const auto* branch = run.history->machine->find(path);
  return branch != nullptr && branch->phase == asl::Phase::working ? branch : nullptr;
}

// What throws is performed, and fails there.
TaskHandler::AtOnce ask_at_once(TaskHandler& handler, const TaskCall& call) {
  try {
    return handler.at_once(call);
  } catch (const std::exception& error) {
    spdlog::error("task {} of run {}: {}", call.resource, call.run_id, error.what());
    return {};
  }
}

// The workflow of this id, or the one with this name.
Result<std::unique_ptr<schemas::WorkflowT>, std::string> find_workflow(projections::Catalog& catalog,
                                                                       commands::Executor& executor,
                                                                       const std::string& workspace,
                                                                       const std::string& id_or_name) {
  if (is_uuid(id_or_name)) return read_state<schemas::WorkflowT>(executor, workspace, "workflow", id_or_name);
  const auto& workflow = *schemas::contracts().find_aggregate("workflow");
  const auto* name = workflow.state->find("name");
  const auto key = schemas::index_key_of(*name, id_or_name);
  if (!key) return nullptr;
  projections::ListQuery query;
  query.workspace = workspace;
  query.filters = {{.field = name, .test = projections::FieldFilter::Test::equal, .keys = {*key}}};
  const auto page = catalog.list(workflow, query);
  if (!page) return failure(page.error().detail);
  if (page->rows.empty()) return nullptr;
  return read_state<schemas::WorkflowT>(executor, workspace, "workflow", page->rows.front().id);
}

}  // namespace

std::string id_of_effect(std::string_view key, std::uint64_t attempt) {
  return derived_uuid({key, "\n", std::to_string(attempt)});
}

Word word_of(const OutTask& task, TaskOutcome outcome) {
  Word word;
  word.tells_start = true;
  word.report.kind = outcome.error ? asl::TaskReport::Kind::failed : asl::TaskReport::Kind::succeeded;
  word.report.path = task.path;
  word.report.state = task.state;
  word.report.attempt = task.attempt;
  word.report.entered = task.entered;
  word.report.output = std::move(outcome.output);
  word.report.error = std::move(outcome.error);
  word.report.cause = std::move(outcome.cause);
  if (!word.report.error && word.report.output.is_undefined()) word.report.output = Value::null();
  return word;
}

void TasksOfRun::keep_up(const RunPointer& run) {
  if (run->reconcile) reconcile(run);
  for (const auto& path : std::exchange(run->scheduled, {})) {
    if (const auto* branch = working(*run, path)) begin(run, *branch);
  }
  hand_out_signals(run);
}

void TasksOfRun::reconcile(const RunPointer& run) {
  run->reconcile = false;
  run->scheduled.clear();
  std::map<std::string, OutTask> known;
  known.swap(run->out);
  for (const auto* branch : run->history->machine->tasks()) {
    const auto same = known.find(branch->path);
    const bool goes_on = same != known.end() && same->second.attempt == branch->task.attempt &&
                         same->second.key == key_of_task(*run, *branch);
    if (!goes_on) {
      run->scheduled.push_back(branch->path);
      continue;
    }
    run->out.insert(known.extract(same));
  }
  for (const auto& [path, task] : known) let_go(*run, task);
}

void TasksOfRun::let_go_of_all(LiveRun& run) {
  for (const auto& [path, task] : run.out) let_go(run, task);
  run.out.clear();
}

void TasksOfRun::let_go(const LiveRun& run, const OutTask& task) {
  if (auto* handler = services_.handler(task.resource)) handler->cancel(task.key);
  if (task.resource == kRunResource) {
    const auto child = id_of_effect(task.key, task.attempt);
    const auto state = read_state<schemas::RunT>(services_.executor, run.workspace, "run", child);
    if (!state || !*state || (*state)->finished_at) return;
    schemas::CancelRunT cancel;
    cancel.id = child;
    cancel.reason = "The run that waited for it waits no longer.";
    services_.executor.execute(
        request(run.workspace, std::string(kActor), "run", "cancel_run", child, schemas::pack(cancel)),
        [](const commands::CommandResult&) {});
  }
  if (task.resource == kInputResource) {
    const auto asked = id_of_effect(task.key, task.attempt);
    roster_->forget(asked);
    schemas::CancelTaskT cancel;
    cancel.id = asked;
    cancel.reason = "The run that asked for it waits no longer.";
    services_.executor.execute(
        request(run.workspace, std::string(kActor), "task", "cancel_task", asked, schemas::pack(cancel)),
        [](const commands::CommandResult&) {});
  }
}

std::optional<TasksOfRun::AtOnce> TasksOfRun::at_once(LiveRun& run, const std::string& path) {
  const auto* branch = working(run, path);
  auto* handler = branch == nullptr ? nullptr : services_.handler(branch->task.resource);
  if (handler == nullptr) return std::nullopt;
  auto task = out_task(run, *branch);
  auto known = ask_at_once(*handler, call_of(run, task, *branch));
  if (auto* outcome = std::get_if<TaskOutcome>(&known); outcome != nullptr)
    return AtOnce{word_of(task, std::move(*outcome)).report, true};
  auto* taker = std::get_if<Taker>(&known);
  if (taker == nullptr) return std::nullopt;
  asl::TaskReport started{.kind = asl::TaskReport::Kind::started,
                          .path = task.path,
                          .state = task.state,
                          .attempt = task.attempt,
                          .worker = std::move(taker->worker),
                          .output = {},
                          .error = {},
                          .cause = {},
                          .entered = task.entered};
  run.taken.push_back({std::move(task), std::move(taker->told)});
  return AtOnce{std::move(started), false};
}

void TasksOfRun::hand_over(LiveRun& run, const commands::CommandResult& appended) {
  for (auto& [task, told] : std::exchange(run.taken, {})) {
    const auto* branch = working(run, task.path);
    const bool is_out = branch != nullptr && branch->entered == task.entered && branch->task.attempt == task.attempt;
    if (is_out) run.out.insert_or_assign(task.path, task);
    told(is_out ? appended : task_not_out(kNotTheirs));
  }
}

void TasksOfRun::take_back(LiveRun& run) {
  for (auto& [task, told] : std::exchange(run.taken, {})) told(task_not_out(kNotTheirs));
}

void TasksOfRun::begin(const RunPointer& run, const asl::Branch& branch) {
  const auto task = out_task(*run, branch);
  run->out.insert_or_assign(task.path, task);
  auto call = call_of(*run, task, branch);
  if (task.resource == kSignalResource) return;
  if (task.resource == kRunResource) return begin_child(run, call, task);
  if (task.resource == kInputResource) return begin_input(run, call, task);
  auto* handler = services_.handler(task.resource);
  if (handler == nullptr) {
    roster_->post(run, word_of(task, failed("Task.UnknownResource",
                                            fmt::format("Nobody here does tasks of '{}'.", task.resource))));
    return;
  }
  handler->perform(std::move(call), [roster = roster_, run, task](TaskOutcome outcome) {
    roster->post(run, word_of(task, std::move(outcome)));
  });
}

void TasksOfRun::hand_out_signals(const RunPointer& run) {
  auto& signals = run->history->signals;
  if (signals.empty()) return;
  for (const auto* branch : run->history->machine->tasks()) {
    if (branch->task.resource != kSignalResource) continue;
    const auto name = text_of(branch->task.input, "Name");
    const auto said = std::ranges::find(signals, name, &Signal::name);
    if (said == signals.end()) continue;
    const OutTask task{
        .key = {}, .path = branch->path, .state = branch->state->name, .resource = {}, .attempt = branch->task.attempt};
    roster_->post(run,
                  word_of(task, {.output = Value::object(
                                     {{"Name", Value::string(said->name)},
                                      {"Payload", said->payload.is_undefined() ? Value::null() : said->payload},
                                      {std::string(kRevision), Value::number(static_cast<double>(said->revision))}})}));
    signals.erase(said);
  }
}

// --- child runs ---

void TasksOfRun::begin_child(const RunPointer& run, const TaskCall& call, const OutTask& task) {
  const auto say = [this, run, task](TaskOutcome outcome) { roster_->post(run, word_of(task, std::move(outcome))); };
  const auto child = id_of_effect(call.key, call.attempt);
  // It may have begun before a crash: then it says itself how it ends, unless it has ended already.
  const auto known = read_state<schemas::RunT>(services_.executor, call.workspace, "run", child);
  if (known && *known) {
    if (!(*known)->finished_at) return;
    const auto history = read_history(services_.store, services_.definitions, call.workspace, child);
    if (!history) return say(failed("Run.Unavailable", history.error()));
    if (auto outcome = outcome_of_child(*history->machine, child)) say(*std::move(outcome));
    return;
  }
  const auto wanted = text_of(call.input, "Workflow");
  const auto workflow = find_workflow(services_.catalog, services_.executor, call.workspace, wanted);
  if (!workflow) return say(failed("Run.Unavailable", workflow.error()));
  if (!*workflow) return say(failed("Run.NoWorkflow", fmt::format("There is no workflow '{}'.", wanted)));
  const auto* version = call.input.find("Version");
  auto asked = commands::run_request_for(
      **workflow, version != nullptr && version->is_number()
                      ? std::optional(static_cast<std::uint32_t>(std::clamp(version->as_number(), 0.0, 1e9)))
                      : std::nullopt);
  if (!asked) return say(failed("Run.Refused", asked.error().detail));
  if (call.depth >= kDeepest)
    return say(failed("Run.TooDeep", fmt::format("Runs call each other no deeper than {} times.", kDeepest)));
  if (const auto name = text_of(call.input, "Name"); !name.empty()) asked->name = name;
  if (const auto* input = call.input.find("Input")) asked->input = jsonata::write_json(*input).value_or("");
  asked->trigger = std::make_unique<schemas::RunTriggerT>();
  asked->trigger->kind = schemas::RunTriggerKind::run;
  asked->trigger->id = run->id;
  asked->parent_run_id = run->id;
  asked->parent_path = task.path;
  asked->parent_state = task.state;
  asked->parent_attempt = task.attempt;
  asked->depth = call.depth + 1;
  auto command = commands::command_of(call.workspace, child, fmt::format("run:{}", run->id), *asked);
  command.correlation = run->id;
  services_.runs.start(std::move(command), [say](const commands::CommandResult& started) {
    if (!started) say(failed("Run.Refused", sentence_of(started.error())));
  });
}

// --- what a person is asked for ---

void TasksOfRun::begin_input(const RunPointer& run, const TaskCall& call, const OutTask& task) {
  const auto asked = id_of_effect(call.key, call.attempt);
  roster_->await(asked, run, task);
  schemas::CreateTaskT create;
  create.id = asked;
  create.title = text_of(call.input, "Title");
  if (create.title.empty()) create.title = task.state;
  create.description = text_of(call.input, "Description");
  create.labels = {"run-input"};
  const auto say = [this, run, task](TaskOutcome outcome) { roster_->post(run, word_of(task, std::move(outcome))); };
  const auto done = services_.executor.execute(
      request(call.workspace, fmt::format("run:{}", run->id), "task", "create_task", asked, schemas::pack(create)));
  if (done) return;
  if (done.error().rejection.code != "task_exists") return say(failed("Input.Refused", sentence_of(done.error())));
  const auto state = read_state<schemas::TaskT>(services_.executor, call.workspace, "task", asked);
  if (!state || !*state) return;
  if (auto outcome = outcome_of_input(**state)) say(*std::move(outcome));
}

std::optional<TaskOutcome> outcome_of_input(const schemas::TaskT& task) {
  if (task.status == schemas::TaskStatus::cancelled)
    return failed("Input.Cancelled", task.cancel_reason.empty() ? "The task was cancelled." : task.cancel_reason);
  if (task.status != schemas::TaskStatus::completed) return std::nullopt;
  return TaskOutcome{
      .output = Value::object({{"TaskId", Value::string(task.id)},
                               {"Title", Value::string(task.title)},
                               {"Description", Value::string(task.description)},
                               {"CompletedBy", Value::string(task.updated_by)},
                               {"CompletedAt", Value::string(to_rfc3339(Timestamp{task.completed_at.value_or(0)}))}})};
}

std::optional<TaskOutcome> outcome_of_child(const asl::Run& child, const std::string& child_id) {
  using asl::Status;
  const auto status = child.status();
  if (status == Status::none || status == Status::running) return std::nullopt;
  if (status == Status::succeeded)
    return TaskOutcome{.output = Value::object({{"RunId", Value::string(child_id)}, {"Output", child.output()}})};
  std::string error = "Run.Failed";
  if (status == Status::aborted) error = "Run.Cancelled";
  if (status == Status::timed_out) error = "Run.TimedOut";
  auto cause = fmt::format("run {}", child_id);
  if (child.has_error_name()) cause += fmt::format(": {}", child.error().error);
  if (child.has_cause()) cause += fmt::format(": {}", child.error().cause);
  return failed(std::move(error), std::move(cause));
}

}  // namespace flowstone::workers
