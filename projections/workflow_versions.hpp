// What a published version of a workflow says: it stands in the event that published it, and nowhere else.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/position.hpp"
#include "base/result.hpp"
#include "eventstore/store.hpp"
#include "schemas/workflow_generated.h"

namespace flowstone::projections {

using PublishedWorkflow = std::unique_ptr<const schemas::WorkflowPublishedT>;

// `revision` is the workflow's when it published the version (WorkflowVersion.workflow_revision). Null if that event is
// no publication. Blocking.
Result<PublishedWorkflow, eventstore::StoreError> read_published_workflow(eventstore::Store& store,
                                                                          std::string_view workspace,
                                                                          std::string_view id, Revision revision);

}  // namespace flowstone::projections
