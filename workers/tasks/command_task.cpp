#include "workers/tasks/command_task.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/identifier.hpp"
#include "commands/completed.hpp"
#include "domain/aggregate.hpp"
#include "jsonata/json_text.hpp"
#include "schemas/json.hpp"
#include "schemas/row.hpp"
#include "workers/tasks/arguments.hpp"

namespace flowstone::workers {
namespace {

using commands::Command;
using commands::CommandError;

bool may_be_asked_by_members(const schemas::Member* command) {
  const auto& calls = schemas::contracts().calls();
  const auto call = std::ranges::find(calls, command, &schemas::Call::command);
  return call != calls.end() && call->role == "member";
}

Result<schemas::Contracts::CommandRef, TaskOutcome> find_command(std::string_view name) {
  const auto found = schemas::contracts().find_command(name);
  const auto unknown = [&](std::string_view why) {
    return failure(failed("Command.Unknown", fmt::format("`{}` {}.", name, why)));
  };
  if (!found || found->command->table->internal) return unknown("is not a command that can be sent");
  if (commands::is_completed_by_server(name))
    return unknown("cannot be sent by a run: the server adds to it what only its own call can know");
  if (!may_be_asked_by_members(found->command)) return unknown("is not a command that a member may send");
  return *found;
}

TaskOutcome invalid(const schemas::DecodeError& error) {
  if (error.problems.empty()) return failed("Command.Invalid", "The body is not JSON that the command can have.");
  const auto& [field, detail] = error.problems.front();
  return failed("Command.Invalid", field.empty() ? fmt::format("The body: {}.", detail) : field + " " + detail);
}

TaskOutcome rejected(std::string_view code, std::string_view detail) {
  return failed("Command.Rejected", detail.empty() ? std::string(code) : fmt::format("{}: {}", code, detail));
}

// Nothing: the server is stopping, and the command is asked for again after its start.
std::optional<TaskOutcome> outcome_of(const CommandError& error) {
  using Code = CommandError::Code;
  const auto& detail = error.detail.empty() ? error.rejection.detail : error.detail;
  switch (error.code) {
    case Code::rejected:
      return rejected(error.rejection.code, error.rejection.detail);
    case Code::revision_mismatch:
      return rejected("revision_mismatch", detail);
    case Code::missing_reference:
      return rejected("missing_reference", error.rejection.field + " " + error.rejection.detail);
    case Code::duplicate_value:
      return rejected("duplicate_value", error.rejection.field + " " + error.rejection.detail);
    case Code::command_id_reused:
      return rejected("command_id_reused", detail);
    case Code::too_large:
      return failed("Command.Invalid", detail.empty() ? "The command is too large." : detail);
    case Code::in_progress:
    case Code::contended:
    case Code::busy:
    case Code::storage_failed:
    case Code::outcome_unknown:
      return failed("Command.Busy", detail.empty() ? "The command could not be carried out now." : detail);
    case Code::stopped:
      return std::nullopt;
  }
  return std::nullopt;
}

TaskOutcome outcome_of(const schemas::Aggregate& aggregate, const commands::Outcome& outcome) {
  std::string json;
  schemas::encode_json(*aggregate.state, outcome.row, json);
  auto entity = jsonata::read_json(json);
  return {.output = Value::object({{"Id", Value::string(outcome.id)},
                                   {"Revision", Value::number(static_cast<double>(outcome.revision.value))},
                                   {"Position", Value::number(static_cast<double>(outcome.position.value))},
                                   {"Entity", entity ? *std::move(entity) : Value::null()}})};
}

Result<Command, TaskOutcome> command_of(const TaskCall& call) {
  Arguments arguments(call);
  const auto name = arguments.text("Command");
  Command command;
  command.id = arguments.text("Id", "");
  if (!command.id.empty() && !is_uuid(command.id)) arguments.refuse("Id", "an id: a UUID in lower case");
  const auto* body = arguments.find("Body");
  if (body != nullptr && !body->is_object()) arguments.refuse("Body", "an object");
  if (arguments.mistake()) return failure(*arguments.mistake());
  FLOWSTONE_TRY(const auto found, find_command(name));
  const auto json = body == nullptr ? std::string("{}") : jsonata::write_json(*body).value_or("");
  auto decoded = schemas::decode_json(*found.command->table, json, {.target = command.id});
  if (!decoded) return failure(invalid(decoded.error()));
  command.body = *std::move(decoded);
  if (const auto* target = found.command->table->target_field; command.id.empty() && target != nullptr)
    command.id = schemas::text_of(*target, command.body).value_or("");
  command.workspace = call.workspace;
  command.aggregate = domain::find_aggregate_type(found.aggregate->name);
  command.command = found.command;
  command.command_id = "task:" + to_base64url(view(sha256(call.key)));
  // The same effect asked for again, even in other words, is the same effect.
  command.fingerprint = sha256(command.command_id);
  command.actor = "run:" + call.run_id;
  command.causation = call.run_id;
  command.correlation = call.run_id;
  return command;
}

}  // namespace

// How many commands are out, and whether anybody still wants to know.
struct CommandTask::State {
  std::mutex mutex;
  std::condition_variable none;
  std::size_t under_way = 0;
  bool closed = false;

  // False: it is too late.
  bool begin() {
    const std::lock_guard lock(mutex);
    if (!closed) ++under_way;
    return !closed;
  }
  void end(std::optional<TaskOutcome> outcome, Done& done) {
    bool wanted = false;
    {
      const std::lock_guard lock(mutex);
      wanted = !closed && outcome;
    }
    if (wanted) done(*std::move(outcome));
    const std::lock_guard lock(mutex);
    if (--under_way == 0) none.notify_all();
  }
};

CommandTask::CommandTask(commands::Executor& executor) : executor_(executor), state_(std::make_shared<State>()) {}

CommandTask::~CommandTask() {
  std::unique_lock lock(state_->mutex);
  state_->closed = true;
  state_->none.wait(lock, [this] { return state_->under_way == 0; });
}

void CommandTask::perform(TaskCall call, Done done) {
  auto command = command_of(call);
  if (!command) return done(std::move(command).error());
  if (!state_->begin()) return;
  const auto& aggregate = command->aggregate->contract();
  executor_.execute(*std::move(command), [state = state_, done = std::move(done),
                                          &aggregate](commands::CommandResult result) mutable {
    state->end(result ? std::optional(outcome_of(aggregate, *result)) : outcome_of(result.error()), done);
  });
}

void CommandTask::cancel(const std::string& /*key*/) {}

}  // namespace flowstone::workers
