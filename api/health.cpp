// Whether the process lives, and whether it can do its work.
#include <algorithm>

#include <fmt/format.h>

#include "api/handlers.hpp"
#include "schemas/json.hpp"

namespace flowstone::api {
namespace {

struct Readiness {
  std::string_view status = "ready";
  std::string failure;
  eventstore::LogState log;
  Position projected;
};

Readiness readiness_of(const Core& core) {
  Readiness readiness;
  readiness.log = core.services.store.state();
  readiness.projected = readiness.log.durable;
  for (const auto& status : core.services.catalog.statuses()) {
    readiness.projected = std::min(readiness.projected, status.position);
    if (status.state != projections::Status::State::stopped) continue;
    readiness.failure =
        fmt::format("projection {} stopped at {}: {}", status.name, status.error_position.value, status.error);
  }
  if (core.stopping.load(std::memory_order_relaxed)) {
    readiness.status = "stopping";
  } else if (!readiness.log.accepting) {
    readiness.status = "read_only";
    readiness.failure = readiness.log.failure;
  }
  return readiness;
}

}  // namespace

Task<void> show_liveness(Exchange* exchange) {
  exchange->reply.body = "{\"status\":\"alive\"}";
  exchange->reply.add("Cache-Control", "no-store");
  co_return;
}

Task<void> show_readiness(Exchange* exchange) {
  const Readiness readiness = readiness_of(exchange->core);
  Reply& reply = exchange->reply;
  // A stopped projection is told, but the log and the other views still serve: sending users away would not help.
  reply.status = readiness.status == "ready" ? 200 : 503;
  fmt::format_to(std::back_inserter(reply.body),
                 "{{\"status\":\"{}\",\"appended\":{},\"durable\":{},\"indexed\":{},\"projected\":{}", readiness.status,
                 readiness.log.appended.value, readiness.log.durable.value, readiness.log.indexed.value,
                 readiness.projected.value);
  if (!readiness.failure.empty()) {
    reply.body.append(",\"failure\":");
    schemas::append_json_string(readiness.failure, reply.body);
  }
  reply.body += '}';
  reply.add("Cache-Control", "no-store");
  co_return;
}

}  // namespace flowstone::api
