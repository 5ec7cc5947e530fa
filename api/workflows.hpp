// The handlers of workflows: drafts, versions, and what there is to say of them.
#pragma once

#include "api/exchange.hpp"

namespace flowstone::api {

Task<void> get_workflow(Exchange* exchange);
Task<void> publish_workflow(Exchange* exchange);
Task<void> list_workflow_versions(Exchange* exchange);
Task<void> get_workflow_version(Exchange* exchange);

// What is wrong with a definition, how it looks, what changed.
Task<void> lint_workflow(Exchange* exchange);
Task<void> lint_draft(Exchange* exchange);
Task<void> get_workflow_graph(Exchange* exchange);
Task<void> diff_workflow(Exchange* exchange);

}  // namespace flowstone::api
