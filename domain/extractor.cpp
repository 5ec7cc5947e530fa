#include "domain/extractor.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "domain/decision.hpp"
#include "domain/patch.hpp"

namespace flowstone::domain {
namespace {

using schemas::ExtractorCommand;
using schemas::ExtractorEvent;
using schemas::ExtractorT;
using Event = Extractor::Event;

template <class Visit, class... Tables>
void each_described_field(Visit&& visit, Tables&... tables) {
  visit("name", tables.name...);
  visit("description", tables.description...);
  visit("bundle_id", tables.bundle_id...);
  visit("type", tables.type...);
  visit("pattern", tables.pattern...);
  visit("heading", tables.heading...);
  visit("column", tables.column...);
}

bool is_taken(std::string_view name) { return std::ranges::find(kBuiltInExtractors, name) != kBuiltInExtractors.end(); }

auto refuse_name(std::string_view name) {
  return invalid("name", fmt::format("must not be `{}`, the name of a built-in extractor", name));
}

template <class Rule>
bool looks_somewhere(const Rule& rule) {
  return !rule.pattern.empty() || !rule.heading.empty() || !rule.column.empty();
}

Decision<Event> create(const ExtractorT* state, const schemas::CreateExtractorT& command) {
  if (state) {
    return conflict("extractor_exists",
                    "An extractor with this id exists already; leave the id out to get a fresh one.");
  }
  if (is_taken(command.name)) return refuse_name(command.name);
  if (!looks_somewhere(command)) return invalid("pattern", "must be given, or a heading or column in its place");
  schemas::ExtractorCreatedT created;
  each_described_field(CopyFields{}, command, created);
  return record<Event>(std::move(created));
}

Decision<Event> update(const ExtractorT& state, const schemas::UpdateExtractorT& command) {
  if (state.archived) return conflict("extractor_archived", "The extractor is archived; restore it first.");
  if (auto rejection = refuse_removals(command.cleared, {"name", "type"})) return failure(*std::move(rejection));
  if (is_taken(command.name)) return refuse_name(command.name);
  schemas::ExtractorUpdatedT updated;
  RecordChanges changes(command.cleared, updated.cleared);
  each_described_field(changes, command, state, updated);
  if (!changes.changed()) return record<Event>();
  ExtractorT next = state;
  each_described_field(ApplyChanges(updated.cleared), updated, next);
  if (!looks_somewhere(next)) return invalid("pattern", "must stay, or a heading or column must be there");
  return record<Event>(std::move(updated));
}

Decision<Event> archive(const ExtractorT& state) {
  return state.archived ? record<Event>() : record<Event>(schemas::ExtractorArchivedT{});
}

Decision<Event> restore(const ExtractorT& state) {
  return state.archived ? record<Event>(schemas::ExtractorRestoredT{}) : record<Event>();
}

}  // namespace

Decision<Extractor::Event> Extractor::decide(const State* state, const Command& command, const Context&) {
  if (const auto* create_extractor = command.AsCreateExtractor()) return create(state, *create_extractor);
  if (!state) return not_found("extractor_not_found", "There is no extractor with this id.");
  switch (command.type) {
    case ExtractorCommand::UpdateExtractor:
      return update(*state, *command.AsUpdateExtractor());
    case ExtractorCommand::ArchiveExtractor:
      return archive(*state);
    case ExtractorCommand::RestoreExtractor:
      return restore(*state);
    case ExtractorCommand::CreateExtractor:
    case ExtractorCommand::NONE:
      break;
  }
  return record<Event>();
}

void Extractor::evolve(State& into, const Event& event, const EventMeta& meta) {
  switch (event.type) {
    case ExtractorEvent::ExtractorCreated:
      each_described_field(CopyFields{}, *event.AsExtractorCreated(), into);
      break;
    case ExtractorEvent::ExtractorUpdated: {
      const auto& updated = *event.AsExtractorUpdated();
      each_described_field(ApplyChanges(updated.cleared), updated, into);
      break;
    }
    case ExtractorEvent::ExtractorArchived:
      into.archived = true;
      into.archived_at = meta.time.micros;
      break;
    case ExtractorEvent::ExtractorRestored:
      into.archived = false;
      into.archived_at = flatbuffers::nullopt;
      break;
    case ExtractorEvent::NONE:
      break;
  }
}

std::vector<std::string>* Extractor::removals(Command& command) {
  auto* update_extractor = command.AsUpdateExtractor();
  return update_extractor ? &update_extractor->cleared : nullptr;
}

}  // namespace flowstone::domain
