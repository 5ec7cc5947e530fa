// The one place that names every aggregate.
#include <array>

#include "domain/aggregate.hpp"
#include "domain/api_key.hpp"
#include "domain/automation.hpp"
#include "domain/binding.hpp"
#include "domain/bundle.hpp"
#include "domain/canvas.hpp"
#include "domain/evidence.hpp"
#include "domain/extractor.hpp"
#include "domain/insight.hpp"
#include "domain/intent.hpp"
#include "domain/notification.hpp"
#include "domain/run.hpp"
#include "domain/task.hpp"
#include "domain/trigger.hpp"
#include "domain/workflow.hpp"
#include "domain/workspace.hpp"

namespace flowstone::domain {

std::span<const AggregateType* const> aggregate_types() {
  static const BoundAggregate<ApiKey> api_key;
  static const BoundAggregate<Automation> automation;
  static const BoundAggregate<Bundle> bundle;
  static const BoundAggregate<Canvas> canvas;
  static const BoundAggregate<Evidence> evidence;
  static const BoundAggregate<Extractor> extractor;
  static const BoundAggregate<Insight> insight;
  static const BoundAggregate<Intent> intent;
  static const BoundAggregate<Notification> notification;
  static const BoundAggregate<Run> run;
  static const BoundAggregate<Task> task;
  static const BoundAggregate<Trigger> trigger;
  static const BoundAggregate<Workflow> workflow;
  static const BoundAggregate<Workspace> workspace;
  static const std::array<const AggregateType*, 14> all{&api_key,   &automation, &bundle,   &canvas,       &evidence,
                                                        &extractor, &insight,    &intent,   &notification, &run,
                                                        &task,      &trigger,    &workflow, &workspace};
  return all;
}

const AggregateType* find_aggregate_type(std::string_view name) {
  for (const auto* type : aggregate_types()) {
    if (type->contract().name == name) return type;
  }
  return nullptr;
}

}  // namespace flowstone::domain
