#include "domain/intent.hpp"

#include "domain/decision.hpp"
#include "domain/patch.hpp"

namespace flowstone::domain {

namespace {

using schemas::IntentCommand;
using schemas::IntentEvent;
using schemas::IntentT;
using Event = Intent::Event;

template <class Visit, class... Tables>
void each_described_field(Visit&& visit, Tables&... tables) {
  visit("code", tables.code...);
  visit("name", tables.name...);
  visit("description", tables.description...);
}

Decision<Event> create(const IntentT* state, const schemas::CreateIntentT& command) {
  if (state)
    return conflict("intent_exists", "An intent with this id exists already; leave the id out to get a fresh one.");
  schemas::IntentCreatedT created;
  each_described_field(CopyFields{}, command, created);
  return record<Event>(std::move(created));
}

Decision<Event> update(const IntentT& state, const schemas::UpdateIntentT& command) {
  if (state.archived) return conflict("intent_archived", "The intent is archived; restore it first.");
  if (auto rejection = refuse_removals(command.cleared, {"code", "name"})) return failure(*std::move(rejection));
  schemas::IntentUpdatedT updated;
  RecordChanges changes(command.cleared, updated.cleared);
  each_described_field(changes, command, state, updated);
  return changes.changed() ? record<Event>(std::move(updated)) : record<Event>();
}

Decision<Event> archive(const IntentT& state) {
  return state.archived ? record<Event>() : record<Event>(schemas::IntentArchivedT{});
}

Decision<Event> restore(const IntentT& state) {
  return state.archived ? record<Event>(schemas::IntentRestoredT{}) : record<Event>();
}

}  // namespace

Decision<Intent::Event> Intent::decide(const State* state, const Command& command, const Context&) {
  if (const auto* create_intent = command.AsCreateIntent()) return create(state, *create_intent);
  if (!state) return not_found("intent_not_found", "There is no intent with this id.");
  switch (command.type) {
    case IntentCommand::UpdateIntent:
      return update(*state, *command.AsUpdateIntent());
    case IntentCommand::ArchiveIntent:
      return archive(*state);
    case IntentCommand::RestoreIntent:
      return restore(*state);
    case IntentCommand::CreateIntent:
    case IntentCommand::NONE:
      break;
  }
  return record<Event>();
}

void Intent::evolve(State& into, const Event& event, const EventMeta& meta) {
  switch (event.type) {
    case IntentEvent::IntentCreated:
      each_described_field(CopyFields{}, *event.AsIntentCreated(), into);
      break;
    case IntentEvent::IntentUpdated: {
      const auto& updated = *event.AsIntentUpdated();
      each_described_field(ApplyChanges(updated.cleared), updated, into);
      break;
    }
    case IntentEvent::IntentArchived:
      into.archived = true;
      into.archived_at = meta.time.micros;
      break;
    case IntentEvent::IntentRestored:
      into.archived = false;
      into.archived_at = flatbuffers::nullopt;
      break;
    case IntentEvent::NONE:
      break;
  }
}

std::vector<std::string>* Intent::removals(Command& command) {
  auto* update_intent = command.AsUpdateIntent();
  return update_intent ? &update_intent->cleared : nullptr;
}

}  // namespace flowstone::domain
