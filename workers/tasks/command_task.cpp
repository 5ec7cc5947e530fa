#include "workers/tasks/command_task.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/identifier.hpp"
#include "commands/completed.hpp"
#include "jsonata/json_text.hpp"
#include "schemas/json.hpp"
#include "workers/tasks/arguments.hpp"

namespace flowstone::workers {
namespace {

using commands::Command;

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
  auto id = arguments.text("Id", "");
  if (!id.empty() && !is_uuid(id)) arguments.refuse("Id", "an id: a UUID in lower case");
  const auto* body = arguments.find("Body");
  if (body != nullptr && !body->is_object()) arguments.refuse("Body", "an object");
  if (arguments.mistake()) return failure(*arguments.mistake());
  FLOWSTONE_TRY(const auto found, find_command(name));
  return command_of_run(call, found, std::move(id), body == nullptr ? Value::object({}) : *body);
}

}  // namespace

CommandTask::CommandTask(commands::Executor& executor) : commands_(executor) {}

void CommandTask::perform(TaskCall call, Done done) {
  auto command = command_of(call);
  if (!command) return done(std::move(command).error());
  const auto& aggregate = command->aggregate->contract();
  std::vector<Command> only;
  only.push_back(*std::move(command));
  const auto tell = [&aggregate](const RunCommands::Outcomes& outcomes) {
    return outcome_of(aggregate, outcomes.front());
  };
  commands_.send(std::move(only), tell, std::move(done));
}

}  // namespace flowstone::workers
