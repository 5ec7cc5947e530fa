// How workers speak with the write side.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "commands/executor.hpp"
#include "schemas/packed.hpp"

namespace flowstone::workers {

// A command of a worker, sent in its own name.
commands::Command request(std::string workspace, std::string actor, std::string_view aggregate,
                          std::string_view command, std::string id, Bytes body);

// What a command is told that is turned away for this reason.
commands::CommandResult rejected(Rejection why);

// The entity's state as of the log's present end; null if it does not exist.
template <class State>
Result<std::unique_ptr<State>, std::string> read_state(commands::Executor& executor, std::string_view workspace,
                                                       std::string_view aggregate, std::string_view id) {
  auto outcome = executor.read(workspace, *domain::find_aggregate_type(aggregate), id);
  if (!outcome) return failure(std::move(outcome.error().detail));
  if (!*outcome) return nullptr;
  auto state = std::make_unique<State>();
  flatbuffers::GetRoot<typename State::TableType>((*outcome)->row.data())->UnPackTo(state.get());
  return state;
}

// How a run stands, as a command is told that changed nothing.
commands::CommandResult read_run(commands::Executor& executor, std::string_view workspace, const std::string& id);

// All or none, in as few appends as fit. The first refusal, in a sentence.
Result<void, std::string> execute_all(commands::Executor& executor, std::vector<commands::Command> commands);

}  // namespace flowstone::workers
