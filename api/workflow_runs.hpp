// The handlers of a workflow's runs: start one, read one with what went in and came out.
#pragma once

#include "api/exchange.hpp"

namespace flowstone::api {

Task<void> start_workflow_run(Exchange* exchange);
Task<void> get_run(Exchange* exchange);

}  // namespace flowstone::api
