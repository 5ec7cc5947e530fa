#include "workers/tasks/library.hpp"

#include <utility>

#include "workers/tasks/command_task.hpp"
#include "workers/tasks/event_task.hpp"
#include "workers/tasks/http_task.hpp"
#include "workers/tasks/jsonata_task.hpp"
#include "workers/tasks/notify_task.hpp"
#include "workers/tasks/sleep_task.hpp"

namespace flowstone::workers {

TaskLibrary::TaskLibrary(TaskServices services, TaskOptions options) {
  auto activities = std::make_unique<ActivityTask>();
  activities_ = activities.get();
  handlers_.emplace("flowstone:activity", std::move(activities));
  handlers_.emplace("flowstone:command", std::make_unique<CommandTask>(services.executor));
  handlers_.emplace("flowstone:event", std::make_unique<EventTask>(services.store));
  handlers_.emplace("flowstone:exec", std::make_unique<ExecTask>(std::move(options.programs), options.exec));
  handlers_.emplace("flowstone:http", std::make_unique<HttpTask>(std::move(options.way_out), options.http));
  handlers_.emplace("flowstone:jsonata", std::make_unique<JsonataTask>(services.clock, options.expressions));
  handlers_.emplace("flowstone:notify", std::make_unique<NotifyTask>(services.executor));
  handlers_.emplace("flowstone:sleep", std::make_unique<SleepTask>(services.clock));
}

TaskHandler* TaskLibrary::find(std::string_view resource) const {
  const auto found = handlers_.find(resource);
  return found == handlers_.end() ? nullptr : found->second.get();
}

std::vector<std::string_view> TaskLibrary::resources() const {
  std::vector<std::string_view> names;
  for (const auto& [name, handler] : handlers_) names.push_back(name);
  return names;
}

}  // namespace flowstone::workers
