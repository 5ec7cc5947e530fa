// `POST /v1/tickets`: a pass for one WebSocket.
#include <fmt/format.h>

#include "api/handlers.hpp"

namespace flowstone::api {

Task<void> create_ticket(Exchange* exchange) {
  if (!exchange->all_parameters_known()) co_return;
  const Tickets::Issued issued = exchange->core.tickets.issue(exchange->principal);
  exchange->reply.status = 201;
  exchange->reply.body =
      fmt::format("{{\"ticket\":\"{}\",\"expires_at\":\"{}\"}}", issued.ticket, to_rfc3339(issued.expires_at));
  exchange->reply.add("Cache-Control", "no-store");
}

}  // namespace flowstone::api
