// What the tasks of workflows can ask for: every handler, by its resource (docs/tasks.md).
//
//   workers::TaskLibrary library({.executor = executor, .clock = clock}, {.way_out = {.allowed_hosts = hosts}});
//   if (auto* handler = library.find("flowstone:http")) handler->perform(call, done);
//
// Threads: `find` may be called from any thread.
// Lifetime: the services outlive it. The destructor waits for what is under way, which ends without an outcome.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "commands/executor.hpp"
#include "eventstore/store.hpp"
#include "outside/way_out.hpp"
#include "workers/tasks/activity_task.hpp"
#include "workers/tasks/exec_task.hpp"
#include "workers/tasks/task.hpp"

namespace flowstone::workers {

struct TaskServices {
  eventstore::Store& store;
  commands::Executor& executor;
  const Clock& clock;
};

struct TaskOptions {
  outside::WayOutOptions way_out{};                         // of `flowstone:http`
  LaneLimits http{.at_once = 64, .waiting = 10'000};        // requests
  Programs programs{};                                      // of `flowstone:exec`; none: it is off
  LaneLimits exec{.at_once = 8, .waiting = 10'000};         // programs
  LaneLimits expressions{.at_once = 2, .waiting = 10'000};  // of `flowstone:jsonata`
};

class TaskLibrary {
 public:
  explicit TaskLibrary(TaskServices services, TaskOptions options = {});

  // Null where nobody here carries the resource out.
  [[nodiscard]] TaskHandler* find(std::string_view resource) const;
  // The tasks that wait for workers elsewhere.
  [[nodiscard]] ActivityTask& activities() { return *activities_; }
  // In the order of their names.
  [[nodiscard]] std::vector<std::string_view> resources() const;

 private:
  std::map<std::string, std::unique_ptr<TaskHandler>, std::less<>> handlers_;
  ActivityTask* activities_ = nullptr;  // one of them
};

}  // namespace flowstone::workers
