// What the calls about workflows find: a version, with what was published.
#pragma once

#include <memory>
#include <string_view>

#include "api/stored_documents.hpp"
#include "projections/workflow_versions.hpp"

namespace flowstone::api {

// Pointers live as long as the members beside them.
struct StoredWorkflow {
  std::unique_ptr<schemas::WorkflowT> workflow;
  const schemas::WorkflowVersionT* version = nullptr;
  projections::PublishedWorkflow published;
};

// The version of the workflow in the path; `latest` is the newest. Blocking.
Found<StoredWorkflow> find_workflow_version(const Exchange& exchange, std::string_view number);

}  // namespace flowstone::api
