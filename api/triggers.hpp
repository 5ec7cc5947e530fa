// The handlers of triggers: what became of what set them off.
#pragma once

#include "api/exchange.hpp"

namespace flowstone::api {

Task<void> list_trigger_evaluations(Exchange* exchange);
Task<void> list_schedules(Exchange* exchange);

}  // namespace flowstone::api
