#include "commands/run_request.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "domain/aggregate.hpp"
#include "schemas/packed.hpp"

namespace flowstone::commands {

Result<schemas::RequestRunT, Rejection> run_request_for(const schemas::WorkflowT& workflow,
                                                        std::optional<std::uint32_t> version) {
  const auto refused = [](std::string code, std::string field, std::string detail) {
    return failure(Rejection{.kind = Rejection::Kind::conflict,
                             .code = std::move(code),
                             .detail = std::move(detail),
                             .field = std::move(field)});
  };
  if (workflow.archived) return refused("workflow_archived", "", "The workflow is archived; restore it first.");
  if (!workflow.latest_version)
    return refused("workflow_not_published", "", "No version of the workflow is published; publish its draft first.");
  const auto wanted = version.value_or(*workflow.latest_version);
  const auto found = std::ranges::find(workflow.versions, wanted, [](const auto& each) { return each->number; });
  if (found == workflow.versions.end())
    return refused("no_such_version", "version",
                   fmt::format("The workflow has no version {}; its newest is {}.", wanted, *workflow.latest_version));
  schemas::RequestRunT request;
  request.workflow_id = workflow.id;
  request.workflow_version = wanted;
  request.workflow_revision = (*found)->workflow_revision;
  request.name = workflow.name;
  return request;
}

Command command_of(std::string workspace, std::string run_id, std::string actor, const schemas::RequestRunT& request) {
  Command command;
  command.workspace = std::move(workspace);
  command.aggregate = domain::find_aggregate_type("run");
  command.command = command.aggregate->contract().find_command("request_run");
  command.id = std::move(run_id);
  command.actor = std::move(actor);
  command.body = schemas::pack(request);
  return command;
}

}  // namespace flowstone::commands
