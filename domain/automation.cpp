#include "domain/automation.hpp"

#include <algorithm>

#include "domain/decision.hpp"
#include "domain/patch.hpp"

namespace flowstone::domain {
namespace {

using schemas::AutomationCommand;
using schemas::AutomationEvent;
using schemas::AutomationT;
using Event = Automation::Event;

template <class Visit, class... Tables>
void each_described_field(Visit&& visit, Tables&... tables) {
  visit("name", tables.name...);
  visit("description", tables.description...);
  visit("when", tables.when...);
  visit("condition", tables.condition...);
  visit("actions", tables.actions...);
}

// "/actions/0/with/title" -> "actions.0.with.title"
std::string field_of(std::string path) {
  path.erase(0, 1);
  std::ranges::replace(path, '/', '.');
  return path;
}

template <class Table>
auto compile(const Table& table) {
  return workflows::compile_automation(table.name,
                                       {.when = table.when, .condition = table.condition, .actions = table.actions});
}

auto refuse(const workflows::Misfits& misfits) {
  return invalid(field_of(misfits.front().path), misfits.front().sentence);
}

Decision<Event> create(const AutomationT* state, const schemas::CreateAutomationT& command) {
  if (state) {
    return conflict("automation_exists",
                    "An automation with this id exists already; leave the id out to get a fresh one.");
  }
  if (const auto rule = compile(command); !rule) return refuse(rule.error());
  schemas::AutomationCreatedT created;
  each_described_field(CopyFields{}, command, created);
  created.enabled = command.enabled;
  return record<Event>(std::move(created));
}

Decision<Event> update(const AutomationT& state, const schemas::UpdateAutomationT& command) {
  if (auto rejection = refuse_removals(command.cleared, {"name", "when", "actions"}))
    return failure(*std::move(rejection));
  schemas::AutomationUpdatedT updated;
  RecordChanges changes(command.cleared, updated.cleared);
  each_described_field(changes, command, state, updated);
  if (!changes.changed()) return record<Event>();
  AutomationT next = state;
  each_described_field(ApplyChanges(updated.cleared), updated, next);
  if (const auto rule = compile(next); !rule) return refuse(rule.error());
  return record<Event>(std::move(updated));
}

}  // namespace

Result<workflows::Automation, workflows::Misfits> compiled(const AutomationT& automation) {
  return compile(automation);
}

Decision<Automation::Event> Automation::decide(const State* state, const Command& command, const Context&) {
  if (const auto* create_automation = command.AsCreateAutomation()) return create(state, *create_automation);
  if (!state) return not_found("automation_not_found", "There is no automation with this id.");
  switch (command.type) {
    case AutomationCommand::UpdateAutomation:
      return update(*state, *command.AsUpdateAutomation());
    case AutomationCommand::EnableAutomation:
      return state->enabled ? record<Event>() : record<Event>(schemas::AutomationEnabledT{});
    case AutomationCommand::DisableAutomation:
      return state->enabled ? record<Event>(schemas::AutomationDisabledT{}) : record<Event>();
    case AutomationCommand::CreateAutomation:
    case AutomationCommand::NONE:
      break;
  }
  return record<Event>();
}

void Automation::evolve(State& into, const Event& event, const EventMeta&) {
  switch (event.type) {
    case AutomationEvent::AutomationCreated: {
      const auto& created = *event.AsAutomationCreated();
      each_described_field(CopyFields{}, created, into);
      into.enabled = created.enabled.value_or(true);
      break;
    }
    case AutomationEvent::AutomationUpdated: {
      const auto& updated = *event.AsAutomationUpdated();
      each_described_field(ApplyChanges(updated.cleared), updated, into);
      break;
    }
    case AutomationEvent::AutomationEnabled:
      into.enabled = true;
      break;
    case AutomationEvent::AutomationDisabled:
      into.enabled = false;
      break;
    case AutomationEvent::NONE:
      break;
  }
}

std::vector<std::string>* Automation::removals(Command& command) {
  auto* update_automation = command.AsUpdateAutomation();
  return update_automation ? &update_automation->cleared : nullptr;
}

}  // namespace flowstone::domain
