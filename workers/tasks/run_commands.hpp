// Commands that a task sends to Flowstone itself, as its run: what `flowstone:command` and `flowstone:notify` share.
//
// Durability: what is told as done is in the log. The ids of the commands are made of the call's key: however often they
// are sent, they are carried out once, and the first success is told again.
// Who: the actor is `run:<id>`, the causation and the correlation are the run's id.
// Lifetime: the executor outlives it. The destructor waits for what is under way, which ends without an outcome.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "commands/executor.hpp"
#include "schemas/contract.hpp"
#include "workers/tasks/task.hpp"

namespace flowstone::workers {

class RunCommands {
 public:
  using Outcomes = std::vector<commands::Outcome>;
  // What the task tells of them. Quick: runs where the append completes.
  using Tell = std::function<TaskOutcome(const Outcomes&)>;

  explicit RunCommands(commands::Executor& executor);
  ~RunCommands();
  RunCommands(const RunCommands&) = delete;
  RunCommands& operator=(const RunCommands&) = delete;

  // All in one append, or none; then `done` gets an error as in docs/tasks.md, "flowstone:command". At least one.
  void send(std::vector<commands::Command> commands, Tell tell, TaskHandler::Done done);

 private:
  struct State;

  commands::Executor& executor_;
  const std::shared_ptr<State> state_;
};

// The command as the call's run sends it. `id`: of the entity; empty: the one in the body, or a fresh one. `number`: of
// several that one task sends, from 0. `Command.Invalid` names the field that breaks the contract.
Result<commands::Command, TaskOutcome> command_of_run(const TaskCall& call,
                                                      const schemas::Contracts::CommandRef& command, std::string id,
                                                      const Value& body, std::size_t number = 0);

}  // namespace flowstone::workers
