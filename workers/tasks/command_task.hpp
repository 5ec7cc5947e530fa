// `flowstone:command`: a command of the contracts on Flowstone itself (docs/tasks.md), carried out once however often
// it is asked (workers/tasks/run_commands.hpp). What is asked of the log is not taken back.
//
// Who: it may do what a key with the role `member` may: whoever can write a workflow can do no more through it than
// without.
// Lifetime: the executor outlives it.
#pragma once

#include "commands/executor.hpp"
#include "workers/tasks/run_commands.hpp"
#include "workers/tasks/task.hpp"

namespace flowstone::workers {

class CommandTask final : public TaskHandler {
 public:
  explicit CommandTask(commands::Executor& executor);

  void perform(TaskCall call, Done done) override;

 private:
  RunCommands commands_;
};

}  // namespace flowstone::workers
