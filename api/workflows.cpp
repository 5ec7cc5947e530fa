#include "api/workflows.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "api/command_answers.hpp"
#include "api/commands.hpp"
#include "api/queries.hpp"
#include "api/stored_workflows.hpp"
#include "domain/workflow.hpp"
#include "jsonata/json_text.hpp"
#include "workflows/definition.hpp"

namespace flowstone::api {
namespace {

std::unique_ptr<schemas::WorkflowDraftT> draft_of(const schemas::WorkflowT& workflow) {
  const auto format = domain::format_of(workflow.draft_format);
  auto draft = std::make_unique<schemas::WorkflowDraftT>();
  draft->source = workflow.draft_source;
  draft->format = workflow.draft_format;
  if (const auto source = workflows::read_source(workflow.draft_source, format))
    draft->definition = jsonata::write_json(source->value, workflows::kMaxDefinitionBytes).value_or("");
  for (const auto& problem : workflows::lint(workflow.draft_source, format))
    ++(problem.severity == workflows::Severity::error ? draft->errors : draft->warnings);
  return draft;
}

Bytes show_draft(const Exchange&, Bytes row, std::optional<Position>) {
  schemas::WorkflowT workflow;
  flatbuffers::GetRoot<schemas::Workflow>(row.data())->UnPackTo(&workflow);
  workflow.draft = draft_of(workflow);
  return schemas::pack(workflow);
}

// What the decider has counted, one by one.
void name_errors(const schemas::WorkflowT& workflow, Problem& problem) {
  for (const auto& each : workflows::lint(workflow.draft_source, domain::format_of(workflow.draft_format))) {
    if (each.severity != workflows::Severity::error) continue;
    problem.errors.push_back({each.path, fmt::format("line {}, column {}: {} [{}]", each.place.line, each.place.column,
                                                     each.sentence, each.code)});
  }
}

}  // namespace

Found<StoredWorkflow> find_workflow_version(const Exchange& exchange, std::string_view number) {
  StoredWorkflow stored;
  FLOWSTONE_TRY(stored.workflow, read_state<schemas::WorkflowT>(exchange, "workflow", exchange.parameter("id")));
  const auto wanted = number == "latest" ? stored.workflow->latest_version.value_or(0) : parse_version(number);
  const auto& versions = stored.workflow->versions;
  const auto found = std::ranges::find(versions, wanted, [](const auto& version) { return version->number; });
  if (found == versions.end())
    return failure(Problem{ProblemKind::not_found, fmt::format("The workflow has no version `{}`.", number)});
  stored.version = found->get();
  auto published =
      projections::read_published_workflow(exchange.services().store, exchange.principal->workspace,
                                           stored.workflow->id, Revision{stored.version->workflow_revision});
  if (!published) return failure(problem_of(published.error()));
  if (!*published)
    return failure(damaged_storage(fmt::format("workflow {}: revision {} is no publication", stored.workflow->id,
                                               stored.version->workflow_revision)));
  stored.published = *std::move(published);
  return stored;
}

Task<void> get_workflow(Exchange* exchange) { return answer_entity(exchange, show_draft); }

Task<void> publish_workflow(Exchange* exchange) {
  commands::Command command;
  if (!begin_command(*exchange, command) || !decode_command(*exchange, command, json_of(exchange->request), false))
    co_return;
  const auto outcome = co_await execute(exchange, std::move(command));
  if (outcome) {
    answer_with(*exchange, *exchange->call().aggregate, *outcome);
    co_return;
  }
  Problem problem = problem_of(outcome.error());
  if (problem.code == "definition_has_errors") {
    const auto workflow = co_await exchange->blocking(
        [exchange] { return read_state<schemas::WorkflowT>(*exchange, "workflow", exchange->parameter("id")); });
    if (workflow) name_errors(**workflow, problem);
  }
  exchange->refuse(problem);
}

Task<void> list_workflow_versions(Exchange* exchange) {
  if (!check_scope(*exchange, "workflow", Access::read) || !exchange->all_parameters_known()) co_return;
  const auto workflow = co_await exchange->blocking(
      [exchange] { return read_state<schemas::WorkflowT>(*exchange, "workflow", exchange->parameter("id")); });
  if (!accepted(*exchange, workflow)) co_return;
  auto& versions = (*workflow)->versions;
  std::reverse(versions.begin(), versions.end());
  answer_with_list(*exchange, versions);
}

Task<void> get_workflow_version(Exchange* exchange) {
  if (!check_scope(*exchange, "workflow", Access::read) || !exchange->all_parameters_known()) co_return;
  const auto stored = co_await exchange->blocking(
      [exchange] { return find_workflow_version(*exchange, exchange->parameter("version")); });
  if (!accepted(*exchange, stored)) co_return;
  schemas::WorkflowVersionT told = *stored->version;
  told.source = stored->published->source;
  told.format = stored->published->format;
  told.definition = stored->published->definition;
  append_table(*exchange->call().response, told, exchange->reply.body);
}

}  // namespace flowstone::api
