// The handlers of tasks that programs elsewhere do: take one, and say how it goes on and ends.
#pragma once

#include "api/exchange.hpp"

namespace flowstone::api {

// Waits as long as the client says, and stays. A task is lost to nobody: whose client is gone by then is handed to the
// next.
Task<void> poll_activity(Exchange* exchange);
Task<void> heartbeat_activity(Exchange* exchange);
Task<void> complete_activity(Exchange* exchange);
Task<void> fail_activity(Exchange* exchange);

}  // namespace flowstone::api
