// What there is: triggers come and go with the versions of their workflows.
#include "workers/triggers/triggers.hpp"

#include <algorithm>

#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include "domain/trigger.hpp"
#include "jsonata/json_text.hpp"
#include "projections/workflow_versions.hpp"
#include "workers/requests.hpp"

namespace flowstone::workers {
namespace {

constexpr std::string_view kActor = "worker:triggers";

// "workflow-0190..." -> "0190..."
std::string id_of(std::string_view stream) { return std::string(stream.substr(stream.find('-') + 1)); }

// Calls `use(event)` for all events of these types up to a position.
template <class Use>
Result<void, std::string> each_event(eventstore::Store& store, std::vector<std::string> types, Position to,
                                     const std::stop_token& stop, const Use& use) {
  if (to == Position{}) return {};
  eventstore::Filter filter;
  filter.types = std::move(types);
  auto reader = store.read(filter, {.from = {}, .to = to});
  if (!reader) return failure(reader.error().detail);
  while (!stop.stop_requested()) {
    const auto event = (*reader)->next();
    if (!event) return failure(event.error().detail);
    if (*event == nullptr) break;
    use(**event);
  }
  return {};
}

// From where on the newest version counts: its publication, or the workflow's restoration after it.
struct Origin {
  Position position;
  Timestamp time;
};
Result<Origin, std::string> origin_of(eventstore::Store& store, const std::string& workspace, const std::string& id) {
  auto reader = store.read_stream(workspace, "workflow-" + id, Revision{}, eventstore::Direction::backward);
  if (!reader) return failure(reader.error().detail);
  while (true) {
    const auto event = (*reader)->next();
    if (!event) return failure(event.error().detail);
    if (*event == nullptr) return Origin{};
    if ((*event)->type == "workflow.published" || (*event)->type == "workflow.restored")
      return Origin{(*event)->position, (*event)->time};
  }
}

// The definition that the revision of the workflow published; nothing if it cannot be read.
Result<std::optional<workflows::Definition>, std::string> published(eventstore::Store& store,
                                                                    const std::string& workspace,
                                                                    const std::string& workflow_id,
                                                                    std::uint64_t revision) {
  auto version = projections::read_published_workflow(store, workspace, workflow_id, Revision{revision});
  if (!version) return failure(version.error().detail);
  if (!*version) return std::nullopt;
  auto definition = workflows::read_definition((*version)->definition, workflows::Format::json);
  if (!definition) return std::nullopt;
  return std::optional(*std::move(definition));
}

schemas::TriggerKind kind_of(workflows::StartKind kind) {
  switch (kind) {
    case workflows::StartKind::schedule:
      return schemas::TriggerKind::schedule;
    case workflows::StartKind::webhook:
      return schemas::TriggerKind::webhook;
    case workflows::StartKind::event:
      break;
  }
  return schemas::TriggerKind::event;
}

Result<void, std::string> execute_one(commands::Executor& executor, commands::Command command) {
  std::vector<commands::Command> one;
  one.push_back(std::move(command));
  return execute_all(executor, std::move(one));
}

}  // namespace

Result<void, std::string> Triggers::take_up(const std::stop_token& stop) {
  known_.clear();
  of_workflow_.clear();
  looked_.clear();
  evaluations_.clear();
  awake_since_ = looked_last_ = services_.clock.now();
  done_ = services_.store.state().durable;
  std::map<std::string, Position> resumed;
  FLOWSTONE_TRY_VOID(collect(done_, resumed, stop));
  std::set<std::pair<std::string, std::string>> workflows;
  FLOWSTONE_TRY_VOID(each_event(services_.store, {"workflow.published"}, done_, stop,
                                [&](const auto& event) { workflows.emplace(event.workspace, id_of(event.stream)); }));
  for (const auto& [workspace, id] : workflows) {
    if (stop.stop_requested()) return {};
    FLOWSTONE_TRY_VOID(sync_workflow(workspace, id));
  }
  for (auto& [workspace, triggers] : known_) {
    for (auto& [id, trigger] : triggers) {
      if (const auto at = resumed.find(id); at != resumed.end())
        trigger.evaluated = std::max(trigger.evaluated, at->second);
      FLOWSTONE_TRY_VOID(catch_up(trigger, done_, stop));
    }
  }
  return {};
}

Triggers::Done Triggers::collect(Position to, std::map<std::string, Position>& resumed, const std::stop_token& stop) {
  std::vector<std::pair<std::string, std::string>> found;
  FLOWSTONE_TRY_VOID(
      each_event(services_.store, {"trigger.created", "trigger.resumed"}, to, stop, [&](const auto& event) {
        if (event.type == "trigger.resumed")
          resumed[id_of(event.stream)] = event.position;
        else
          found.emplace_back(event.workspace, id_of(event.stream));
      }));
  for (const auto& [workspace, id] : found) {
    FLOWSTONE_TRY(const auto* trigger, load(workspace, id));
    static_cast<void>(trigger);
  }
  return {};
}

// Its state as of now, and what is made of that; null if there is none.
Result<Triggers::Known*, std::string> Triggers::load(const std::string& workspace, const std::string& id) {
  FLOWSTONE_TRY(auto state, read_state<schemas::TriggerT>(services_.executor, workspace, "trigger", id));
  if (!state) return nullptr;
  auto& triggers = known_[workspace];
  const bool fresh = !triggers.contains(id);
  Known& known = triggers[id];
  known.workspace = workspace;
  known.state = std::move(*state);
  known.rule = domain::rule_of(known.state);
  if (!known.rule) spdlog::error("triggers: the definition of trigger {} cannot be read", id);
  FLOWSTONE_TRY(const auto definition,
                published(services_.store, workspace, known.state.workflow_id, known.state.workflow_revision));
  known.inputs = definition ? definition->inputs : std::nullopt;
  if (fresh) {
    known.enabled = known.state.status == schemas::TriggerStatus::enabled;
    known.evaluated = Position{known.state.from_position};
  }
  known.evaluated = std::max(known.evaluated, Position{known.state.last_evaluated_position.value_or(0)});
  of_workflow_[{workspace, known.state.workflow_id}].insert(id);
  return &known;
}

Triggers::Done Triggers::sync_workflow(const std::string& workspace, const std::string& id) {
  FLOWSTONE_TRY(const auto workflow, read_state<schemas::WorkflowT>(services_.executor, workspace, "workflow", id));
  return workflow ? sync_versions(workspace, *workflow) : Done{};
}

// What the newest version says is what holds; an archived workflow has no triggers.
Triggers::Done Triggers::sync_versions(const std::string& workspace, const schemas::WorkflowT& workflow) {
  std::set<std::string>& ids = of_workflow_[{workspace, workflow.id}];
  std::set<std::string> gone = ids;
  std::optional<workflows::Definition> definition;
  if (!workflow.archived && !workflow.versions.empty()) {
    FLOWSTONE_TRY(definition,
                  published(services_.store, workspace, workflow.id, workflow.versions.back()->workflow_revision));
  }
  if (definition && !definition->triggers.empty()) {
    FLOWSTONE_TRY(const auto origin, origin_of(services_.store, workspace, workflow.id));
    for (const auto& rule : definition->triggers) {
      const auto id = domain::trigger_id(workspace, workflow.id, rule.id);
      schemas::SyncTriggerT sync;
      sync.id = id;
      sync.workflow_id = workflow.id;
      sync.workflow_version = workflow.versions.back()->number;
      sync.workflow_revision = workflow.versions.back()->workflow_revision;
      sync.workflow_name = workflow.name;
      sync.name = rule.id;
      sync.kind = kind_of(rule.kind);
      sync.definition = jsonata::write_json(rule.document).value_or("{}");
      sync.position = origin.position.value;
      sync.at = origin.time.micros;
      FLOWSTONE_TRY_VOID(execute_one(services_.executor, request(workspace, std::string(kActor), "trigger",
                                                                 "sync_trigger", id, schemas::pack(sync))));
      ids.insert(id);
      gone.erase(id);
    }
  }
  for (const auto& id : gone) {
    schemas::RemoveTriggerT remove;
    remove.id = id;
    FLOWSTONE_TRY_VOID(execute_one(services_.executor, request(workspace, std::string(kActor), "trigger",
                                                               "remove_trigger", id, schemas::pack(remove))));
  }
  return {};
}

// An event of a workflow or of a trigger, in its turn: what comes after it in the log sees what it changed.
Triggers::Done Triggers::follow_life(const eventstore::RecordedEvent& event, const std::stop_token& stop) {
  const std::string workspace(event.workspace), type(event.type), id = id_of(event.stream);
  const Position at = event.position;
  if (type == "workflow.published" || type == "workflow.archived" || type == "workflow.restored") {
    return sync_workflow(workspace, id);
  }
  if (type == "trigger.paused" || type == "trigger.removed") {
    FLOWSTONE_TRY_VOID(record_everything(stop));
    const auto found = known_[workspace].find(id);
    if (found == known_[workspace].end()) return {};
    found->second.enabled = false;
    if (type == "trigger.removed") found->second.state.status = schemas::TriggerStatus::removed;
    return {};
  }
  if (type != "trigger.created" && type != "trigger.changed" && type != "trigger.resumed") return {};
  FLOWSTONE_TRY_VOID(record_everything(stop));
  return awaken(workspace, id, type, at, stop);
}

Triggers::Done Triggers::awaken(const std::string& workspace, const std::string& id, std::string_view type, Position at,
                                const std::stop_token& stop) {
  const auto before = known_[workspace].find(id);
  const bool known = before != known_[workspace].end();
  const bool was_enabled = known && before->second.enabled;
  const bool was_removed = known && before->second.state.status == schemas::TriggerStatus::removed;
  FLOWSTONE_TRY(auto* const trigger, load(workspace, id));
  if (trigger == nullptr) return {};
  if (type == "trigger.resumed") {
    trigger->enabled = true;
    trigger->evaluated = std::max(trigger->evaluated, at);
    return {};
  }
  if (type == "trigger.created" || was_removed) trigger->enabled = true;
  if (!trigger->enabled || was_enabled) return {};
  trigger->evaluated = std::max(trigger->evaluated, Position{trigger->state.from_position});
  return catch_up(*trigger, at, stop);
}

}  // namespace flowstone::workers
