#include "workers/tasks/run_commands.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "domain/aggregate.hpp"
#include "jsonata/json_text.hpp"
#include "schemas/json.hpp"
#include "schemas/row.hpp"
#include "workers/tasks/arguments.hpp"

namespace flowstone::workers {
namespace {

using commands::Command;
using commands::CommandError;
using commands::CommandResult;

TaskOutcome invalid(const schemas::DecodeError& error) {
  if (error.problems.empty()) return failed("Command.Invalid", "The body is not JSON that the command can have.");
  const auto& [field, detail] = error.problems.front();
  return failed("Command.Invalid", field.empty() ? fmt::format("The body: {}.", detail) : field + " " + detail);
}

// "recipient must be ...", where one field is at fault.
std::string sentence_of(const Rejection& rejection) {
  const bool is_of_field = rejection.kind == Rejection::Kind::invalid && !rejection.field.empty();
  return is_of_field ? rejection.field + " " + rejection.detail : rejection.detail;
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
      return rejected(error.rejection.code, sentence_of(error.rejection));
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

// Where one was at fault, the others are `stopped`.
std::optional<TaskOutcome> outcome_of(std::vector<CommandResult>& results, const RunCommands::Tell& tell) {
  const auto is_at_fault = [](const CommandResult& result) {
    return !result && result.error().code != CommandError::Code::stopped;
  };
  if (const auto fault = std::ranges::find_if(results, is_at_fault); fault != results.end())
    return outcome_of(fault->error());
  RunCommands::Outcomes outcomes;
  for (auto& result : results) {
    if (!result) return outcome_of(result.error());
    outcomes.push_back(*std::move(result));
  }
  return tell(outcomes);
}

std::string command_id_of(const TaskCall& call, std::size_t number) {
  auto id = "task:" + to_base64url(view(sha256(call.key)));
  return number == 0 ? id : fmt::format("{}/{}", id, number);
}

}  // namespace

// How many commands are out, and whether anybody still wants to know.
struct RunCommands::State {
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
  void end(std::optional<TaskOutcome> outcome, TaskHandler::Done& done) {
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

RunCommands::RunCommands(commands::Executor& executor) : executor_(executor), state_(std::make_shared<State>()) {}

RunCommands::~RunCommands() {
  std::unique_lock lock(state_->mutex);
  state_->closed = true;
  state_->none.wait(lock, [this] { return state_->under_way == 0; });
}

void RunCommands::send(std::vector<Command> commands, Tell tell, TaskHandler::Done done) {
  if (!state_->begin()) return;
  executor_.execute_atomically(std::move(commands), [state = state_, tell = std::move(tell), done = std::move(done)](
                                                        std::vector<CommandResult> results) mutable {
    state->end(outcome_of(results, tell), done);
  });
}

Result<Command, TaskOutcome> command_of_run(const TaskCall& call, const schemas::Contracts::CommandRef& found,
                                            std::string id, const Value& body, std::size_t number) {
  Command command;
  command.id = std::move(id);
  const auto json = jsonata::write_json(body).value_or("");
  auto decoded = schemas::decode_json(*found.command->table, json, {.target = command.id});
  if (!decoded) return failure(invalid(decoded.error()));
  command.body = *std::move(decoded);
  if (const auto* target = found.command->table->target_field; command.id.empty() && target != nullptr)
    command.id = schemas::text_of(*target, command.body).value_or("");
  command.workspace = call.workspace;
  command.aggregate = domain::find_aggregate_type(found.aggregate->name);
  command.command = found.command;
  command.command_id = command_id_of(call, number);
  // The same effect asked for again, even in other words, is the same effect.
  command.fingerprint = sha256(command.command_id);
  command.actor = "run:" + call.run_id;
  command.causation = call.run_id;
  command.correlation = call.run_id;
  return command;
}

}  // namespace flowstone::workers
