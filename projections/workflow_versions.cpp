#include "projections/workflow_versions.hpp"

#include <fmt/core.h>

#include "domain/upcast.hpp"
#include "schemas/contract.hpp"
#include "schemas/packed.hpp"

namespace flowstone::projections {

Result<PublishedWorkflow, eventstore::StoreError> read_published_workflow(eventstore::Store& store,
                                                                          std::string_view workspace,
                                                                          std::string_view id, Revision revision) {
  constexpr std::string_view kType = "workflow.published";
  FLOWSTONE_TRY(const auto reader, store.read_stream(workspace, fmt::format("workflow-{}", id), revision));
  FLOWSTONE_TRY(const auto* const event, reader->next());
  if (event == nullptr || event->revision != revision || event->type != kType) return PublishedWorkflow();
  const auto version = schemas::contracts().find_event(kType)->version;
  const auto payload = domain::upcasters().raise(kType, event->schema_version, version, event->payload);
  constexpr auto kKind = schemas::WorkflowEvent::WorkflowPublished;
  if (!payload || !schemas::verify_member_of(schemas::VerifyWorkflowEvent, kKind, *payload)) return PublishedWorkflow();
  const auto unpacked = schemas::unpack_member<schemas::WorkflowEventUnion>(kKind, *payload);
  return std::make_unique<const schemas::WorkflowPublishedT>(*unpacked.AsWorkflowPublished());
}

}  // namespace flowstone::projections
