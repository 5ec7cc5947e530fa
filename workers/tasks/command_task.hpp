// `flowstone:command`: a command of the contracts on Flowstone itself (docs/tasks.md).
//
// Durability: what is told as done is in the log. Its command id is made of the call's key: however often it is asked,
// it is carried out once, and the first success is told again.
// Who: the actor is `run:<id>`, the causation and the correlation are the run's id. It may do what a key with the role
// `member` may: whoever can write a workflow can do no more through it than without.
// Lifetime: the executor outlives it.
#pragma once

#include <memory>

#include "commands/executor.hpp"
#include "workers/tasks/task.hpp"

namespace flowstone::workers {

class CommandTask final : public TaskHandler {
 public:
  explicit CommandTask(commands::Executor& executor);
  ~CommandTask() override;

  void perform(TaskCall call, Done done) override;
  // What is asked of the log is not taken back.
  void cancel(const std::string& key) override;

 private:
  struct State;

  commands::Executor& executor_;
  const std::shared_ptr<State> state_;
};

}  // namespace flowstone::workers
