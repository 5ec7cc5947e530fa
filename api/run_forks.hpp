// The handlers that make runs from others, and the one that compares two.
#pragma once

#include "api/exchange.hpp"

namespace flowstone::api {

Task<void> fork_run(Exchange* exchange);
Task<void> rerun_from_step(Exchange* exchange);
Task<void> retry_failed(Exchange* exchange);
Task<void> compare_runs(Exchange* exchange);

}  // namespace flowstone::api
