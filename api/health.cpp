// Whether the process lives, and whether it can do its work.
#include <algorithm>

#include <fmt/format.h>

#include "api/handlers.hpp"
#include "api/projection_words.hpp"
#include "schemas/json.hpp"

namespace flowstone::api {
namespace {

struct Readiness {
  std::string_view status = "ready";
  std::uint16_t code = 200;
  std::string failure;
  eventstore::LogState log;
  Position projected;
  std::vector<projections::Status> projections;
};

// What the serving build met, also while another one is being built in its place.
bool has_stopped(const projections::Status& status) {
  return std::ranges::any_of(status.builds, [](const projections::BuildStatus& build) {
    return build.role == projections::BuildStatus::Role::serving && !build.error.empty();
  });
}

std::string stop_of(const projections::Status& status) {
  return fmt::format("projection {} stopped at {}: {}", status.name, status.error_position.value, status.error);
}

Readiness readiness_of(const Core& core) {
  Readiness readiness;
  readiness.log = core.services.store.state();
  readiness.projected = readiness.log.durable;
  readiness.projections = core.services.catalog.statuses();
  for (const auto& status : readiness.projections) {
    readiness.projected = std::min(readiness.projected, status.position);
    if (!has_stopped(status)) continue;
    // The log and the other views still do all of their work, and another server would stop at the same event: sending
    // users away would not help.
    readiness.status = "degraded";
    readiness.failure = stop_of(status);
  }
  if (!readiness.log.accepting) {
    readiness.status = "read_only";
    readiness.code = 503;
    readiness.failure = readiness.log.failure;
  }
  if (core.stopping.load(std::memory_order_relaxed)) {
    readiness.status = "stopping";
    readiness.code = 503;
  }
  return readiness;
}

void append_failure(const std::string& failure, std::string& out) {
  if (failure.empty()) return;
  out.append(",\"failure\":");
  schemas::append_json_string(without_directories(failure), out);
}

void append_part(std::string_view name, std::string_view state, Position position, const std::string& failure,
                 std::string& out) {
  out.append(out.back() == '[' ? "{\"name\":" : ",{\"name\":");
  schemas::append_json_string(name, out);
  fmt::format_to(std::back_inserter(out), ",\"state\":\"{}\",\"position\":{}", state, position.value);
  append_failure(failure, out);
  out += '}';
}

void append_parts(const Readiness& readiness, std::string& out) {
  out.append(",\"parts\":[");
  append_part("log", readiness.log.accepting ? "accepting" : "read_only", readiness.log.durable, readiness.log.failure,
              out);
  for (const auto& status : readiness.projections) {
    append_part(status.name, name_of(status.state), status.position,
                has_stopped(status) ? stop_of(status) : std::string(), out);
  }
  out += ']';
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
  reply.status = readiness.code;
  fmt::format_to(std::back_inserter(reply.body),
                 "{{\"status\":\"{}\",\"appended\":{},\"durable\":{},\"indexed\":{},\"projected\":{}", readiness.status,
                 readiness.log.appended.value, readiness.log.durable.value, readiness.log.indexed.value,
                 readiness.projected.value);
  append_failure(readiness.failure, reply.body);
  append_parts(readiness, reply.body);
  reply.body += '}';
  reply.add("Cache-Control", "no-store");
  co_return;
}

}  // namespace flowstone::api
