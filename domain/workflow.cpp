#include "domain/workflow.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "domain/decision.hpp"
#include "domain/patch.hpp"
#include "jsonata/json_text.hpp"
#include "workflows/definition.hpp"

namespace flowstone::domain {
namespace {

using schemas::DefinitionFormat;
using schemas::WorkflowCommand;
using schemas::WorkflowEvent;
using schemas::WorkflowT;
using Event = Workflow::Event;

template <class Visit, class... Tables>
void each_described_field(Visit&& visit, Tables&... tables) {
  visit("name", tables.name...);
  visit("description", tables.description...);
  visit("labels", tables.labels...);
}

// The text that a command brings.
struct Draft {
  std::string source;
  DefinitionFormat format = DefinitionFormat::json;
};

std::optional<Rejection> refuse_draft(const std::string& definition, const std::string& source) {
  const auto refusal = [](std::string field, std::string detail) {
    return Rejection{.kind = Rejection::Kind::invalid,
                     .code = "invalid_field",
                     .detail = std::move(detail),
                     .field = std::move(field)};
  };
  if (!definition.empty() && !source.empty()) return refusal("source", "must be left out beside `definition`");
  for (const auto& [name, text] : {std::pair{"definition", &definition}, std::pair{"source", &source}}) {
    if (text->size() > workflows::kMaxSourceBytes)
      return refusal(name, fmt::format("must have at most {} bytes", workflows::kMaxSourceBytes));
  }
  return std::nullopt;
}

Draft draft_of(const std::string& definition, const std::string& source, DefinitionFormat format) {
  if (!definition.empty()) return {indented_definition(definition), DefinitionFormat::json};
  return {source, format};
}

Decision<Event> create(const WorkflowT* state, const schemas::CreateWorkflowT& command) {
  if (state)
    return conflict("workflow_exists", "A workflow with this id exists already; leave the id out to get a fresh one.");
  if (command.definition.empty() && command.source.empty())
    return invalid("definition", "must be given, or its text in `source`");
  if (auto rejection = refuse_draft(command.definition, command.source)) return failure(*std::move(rejection));
  schemas::WorkflowCreatedT created;
  each_described_field(CopyFields{}, command, created);
  auto draft = draft_of(command.definition, command.source, command.format);
  created.source = std::move(draft.source);
  created.format = draft.format;
  return record<Event>(std::move(created));
}

Decision<Event> update(const WorkflowT& state, const schemas::UpdateWorkflowT& command) {
  if (state.archived) return conflict("workflow_archived", "The workflow is archived; restore it first.");
  if (auto rejection = refuse_removals(command.cleared, {"name", "definition", "source", "format"}))
    return failure(*std::move(rejection));
  if (auto rejection = refuse_draft(command.definition, command.source)) return failure(*std::move(rejection));
  if (command.format && command.source.empty()) return invalid("format", "must be left out where there is no `source`");
  schemas::WorkflowUpdatedT updated;
  RecordChanges changes(command.cleared, updated.cleared);
  each_described_field(changes, command, state, updated);
  if (!command.definition.empty() || !command.source.empty()) {
    auto draft = draft_of(command.definition, command.source, command.format.value_or(DefinitionFormat::json));
    if (draft.source != state.draft_source || draft.format != state.draft_format) {
      updated.source = std::move(draft.source);
      updated.format = draft.format;
    }
  }
  return changes.changed() || updated.format ? record<Event>(std::move(updated)) : record<Event>();
}

auto refuse_errors(const workflows::Problems& problems) {
  const auto is_error = [](const auto& problem) { return problem.severity == workflows::Severity::error; };
  const auto count = std::ranges::count_if(problems, is_error);
  const auto& first = *std::ranges::find_if(problems, is_error);
  return conflict("definition_has_errors",
                  fmt::format("The draft has {} {}; the first is in line {}: {}.", count,
                              count == 1 ? "error" : "errors", first.place.line, first.sentence));
}

std::uint32_t states_of(const asl::Machine& machine) {
  auto count = static_cast<std::uint32_t>(machine.states.size());
  for (const auto& state : machine.states)
    for (const auto& branch : state.branches) count += states_of(branch);
  return count;
}

Decision<Event> publish(const WorkflowT& state, const schemas::PublishWorkflowT& command) {
  if (state.archived) return conflict("workflow_archived", "The workflow is archived; restore it first.");
  const auto definition = workflows::read_definition(state.draft_source, format_of(state.draft_format));
  if (!definition) return refuse_errors(definition.error());
  schemas::WorkflowPublishedT published;
  published.sha256 = workflows::digest_of(*definition);
  if (!state.versions.empty() && state.versions.back()->sha256 == published.sha256) return record<Event>();
  if (state.versions.size() >= Workflow::kMaxVersions)
    return conflict("too_many_versions", "The workflow has 1000 versions, the most there can be; begin a new one.");
  published.number = static_cast<std::uint32_t>(state.versions.size() + 1);
  published.note = command.note;
  published.states = states_of(definition->machine.machine);
  published.definition = workflows::json_of(*definition);
  published.source = state.draft_source;
  published.format = state.draft_format;
  return record<Event>(std::move(published));
}

void set_draft(WorkflowT& state, const std::string& source, DefinitionFormat format) {
  state.draft_source = source;
  state.draft_format = format;
  state.draft_sha256 = to_hex(view(sha256(source)));
}

void add_version(WorkflowT& state, const schemas::WorkflowPublishedT& published, const EventMeta& meta) {
  auto version = std::make_unique<schemas::WorkflowVersionT>();
  version->number = published.number;
  version->sha256 = published.sha256;
  version->note = published.note;
  version->states = published.states;
  version->workflow_revision = meta.revision.value;
  version->published_at = meta.time.micros;
  version->published_by = meta.actor;
  state.versions.push_back(std::move(version));
  state.latest_version = published.number;
}

}  // namespace

std::string indented_definition(const std::string& json) {
  const auto source = workflows::read_source(json, workflows::Format::json);
  if (!source) return json;
  return jsonata::write_json(source->value, workflows::kMaxSourceBytes, true).value_or(json);
}

workflows::Format format_of(DefinitionFormat format) {
  switch (format) {
    case DefinitionFormat::json:
      return workflows::Format::json;
    case DefinitionFormat::yaml:
      return workflows::Format::yaml;
  }
  return workflows::Format::json;
}

Decision<Workflow::Event> Workflow::decide(const State* state, const Command& command, const Context&) {
  if (const auto* create_workflow = command.AsCreateWorkflow()) return create(state, *create_workflow);
  if (!state) return not_found("workflow_not_found", "There is no workflow with this id.");
  switch (command.type) {
    case WorkflowCommand::UpdateWorkflow:
      return update(*state, *command.AsUpdateWorkflow());
    case WorkflowCommand::PublishWorkflow:
      return publish(*state, *command.AsPublishWorkflow());
    case WorkflowCommand::ArchiveWorkflow:
      return state->archived ? record<Event>() : record<Event>(schemas::WorkflowArchivedT{});
    case WorkflowCommand::RestoreWorkflow:
      return state->archived ? record<Event>(schemas::WorkflowRestoredT{}) : record<Event>();
    case WorkflowCommand::CreateWorkflow:
    case WorkflowCommand::NONE:
      break;
  }
  return record<Event>();
}

void Workflow::evolve(State& into, const Event& event, const EventMeta& meta) {
  switch (event.type) {
    case WorkflowEvent::WorkflowCreated: {
      const auto& created = *event.AsWorkflowCreated();
      each_described_field(CopyFields{}, created, into);
      set_draft(into, created.source, created.format);
      break;
    }
    case WorkflowEvent::WorkflowUpdated: {
      const auto& updated = *event.AsWorkflowUpdated();
      each_described_field(ApplyChanges(updated.cleared), updated, into);
      if (updated.format) set_draft(into, updated.source, *updated.format);
      break;
    }
    case WorkflowEvent::WorkflowPublished:
      add_version(into, *event.AsWorkflowPublished(), meta);
      break;
    case WorkflowEvent::WorkflowArchived:
      into.archived = true;
      into.archived_at = meta.time.micros;
      break;
    case WorkflowEvent::WorkflowRestored:
      into.archived = false;
      into.archived_at = flatbuffers::nullopt;
      break;
    case WorkflowEvent::NONE:
      break;
  }
}

std::vector<std::string>* Workflow::removals(Command& command) {
  auto* update_workflow = command.AsUpdateWorkflow();
  return update_workflow ? &update_workflow->cleared : nullptr;
}

}  // namespace flowstone::domain
