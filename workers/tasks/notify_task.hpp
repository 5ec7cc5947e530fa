// `flowstone:notify`: tells people of the workspace something (docs/tasks.md). Each recipient gets a notification of
// their own, all in one append, once however often it is asked (workers/tasks/run_commands.hpp).
//
// Limits: kMostRecipients; more are refused (`Task.Invalid`).
// Lifetime: the executor outlives it.
#pragma once

#include <cstddef>

#include "commands/executor.hpp"
#include "workers/tasks/run_commands.hpp"
#include "workers/tasks/task.hpp"

namespace flowstone::workers {

class NotifyTask final : public TaskHandler {
 public:
  static constexpr std::size_t kMostRecipients = 100;

  explicit NotifyTask(commands::Executor& executor);

  void perform(TaskCall call, Done done) override;

 private:
  RunCommands commands_;
};

}  // namespace flowstone::workers
