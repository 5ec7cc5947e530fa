// The handlers of triggers: what became of what set them off, and what webhooks are told.
#pragma once

#include "api/exchange.hpp"

namespace flowstone::api {

Task<void> list_trigger_evaluations(Exchange* exchange);
Task<void> list_schedules(Exchange* exchange);
Task<void> get_trigger_webhook(Exchange* exchange);
Task<void> deliver_webhook(Exchange* exchange);

}  // namespace flowstone::api
