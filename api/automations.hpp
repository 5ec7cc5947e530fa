// The handlers of automations: each change of a rule changes the workflow that carries it out, in one append.
#pragma once

#include "api/exchange.hpp"

namespace flowstone::api {

// Create, update, enable and disable.
Task<void> change_automation(Exchange* exchange);
Task<void> backtest_automation(Exchange* exchange);

}  // namespace flowstone::api
