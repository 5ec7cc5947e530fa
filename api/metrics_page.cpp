// `/metrics` in Prometheus's text format.
#include <fmt/format.h>

#include "api/handlers.hpp"
#include "commands/workflow_runs.hpp"

namespace flowstone::api {
namespace {

void gauge(std::string_view name, std::string_view help, double value, std::string& out) {
  fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} gauge\n{0} {2}\n", name, help, value);
}

void counter(std::string_view name, std::string_view help, double value, std::string& out) {
  fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} counter\n{0} {2}\n", name, help, value);
}

double number(std::uint64_t value) { return static_cast<double>(value); }

template <class Integer>
double loaded(const std::atomic<Integer>& value) {
  return static_cast<double>(value.load(std::memory_order_relaxed));
}

void append_log(const eventstore::Store& store, std::string& out) {
  const auto state = store.state();
  const auto metrics = store.metrics();
  auto line = std::back_inserter(out);
  out.append("# HELP flowstone_log_position How far each part of the log is.\n# TYPE flowstone_log_position gauge\n");
  fmt::format_to(line, "flowstone_log_position{{part=\"appended\"}} {}\n", state.appended.value);
  fmt::format_to(line, "flowstone_log_position{{part=\"durable\"}} {}\n", state.durable.value);
  fmt::format_to(line, "flowstone_log_position{{part=\"indexed\"}} {}\n", state.indexed.value);
  gauge("flowstone_log_accepting", "1 while the log takes appends.", state.accepting ? 1 : 0, out);
  counter("flowstone_log_appends_total", "Appends made durable.", number(metrics.appends), out);
  counter("flowstone_log_events_total", "Events made durable.", number(metrics.events), out);
  counter("flowstone_log_payload_bytes_total", "Bytes of their payloads.", number(metrics.payload_bytes), out);
  counter("flowstone_log_syncs_total", "Synced writes.", number(metrics.syncs), out);
  counter("flowstone_log_sync_seconds_total", "Time spent in synced writes.", metrics.sync_seconds, out);
  counter("flowstone_log_refused_total", "Appends refused because too much was waiting.", number(metrics.refused), out);
  gauge("flowstone_log_queued_bytes", "Appends waiting for the sequencer.", number(metrics.queued_bytes), out);
}

void append_projections(const projections::Catalog& catalog, Timestamp now, std::string& out) {
  const auto statuses = catalog.statuses();
  const auto family = [&](std::string_view name, std::string_view help, auto&& value) {
    fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} gauge\n", name, help);
    for (const auto& status : statuses) {
      fmt::format_to(std::back_inserter(out), "{}{{projection=\"{}\"}} {}\n", name, status.name,
                     static_cast<double>(value(status)));
    }
  };
  family("flowstone_projection_position", "Position that the serving build reflects.",
         [](const auto& s) { return s.position.value; });
  family("flowstone_projection_lag_events", "Events of the log not yet folded.",
         [](const auto& s) { return s.head.value - std::min(s.head.value, s.position.value); });
  family("flowstone_projection_lag_seconds", "Age of the oldest event not yet folded.",
         [](const auto& s) { return static_cast<double>(s.lag.count()) * 1e-3; });
  family("flowstone_projection_events_per_second", "Rate of folding.",
         [](const auto& s) { return s.events_per_second; });
  family("flowstone_projection_stopped", "1 if it has stopped on an error.",
         [](const auto& s) { return s.state == projections::Status::State::stopped ? 1 : 0; });
  family("flowstone_projection_heartbeat_age_seconds", "Since the follower last looked at the log.",
         [now](const auto& s) {
           return s.heartbeat_at ? static_cast<double>((now - *s.heartbeat_at).count()) * 1e-6 : 0.0;
         });
}

void append_requests(const Core& core, std::string& out) {
  auto line = std::back_inserter(out);
  out.append(
      "# HELP flowstone_http_requests_total Answers by route and class of status.\n# TYPE "
      "flowstone_http_requests_total counter\n");
  for (const auto& route : core.router.routes()) {
    const RouteMetrics& metrics = core.metrics.routes[route->number];
    for (std::size_t by_class = 1; by_class < metrics.by_class.size(); ++by_class) {
      const auto count = metrics.by_class[by_class].load(std::memory_order_relaxed);
      if (count == 0) continue;
      fmt::format_to(line, "flowstone_http_requests_total{{method=\"{}\",route=\"{}\",status=\"{}xx\"}} {}\n",
                     to_text(route->method), route->pattern, by_class, count);
    }
  }
  out.append(
      "# HELP flowstone_http_request_duration_seconds From the complete request to its answer.\n"
      "# TYPE flowstone_http_request_duration_seconds histogram\n");
  for (const auto& route : core.router.routes()) {
    const RouteMetrics& metrics = core.metrics.routes[route->number];
    if (metrics.duration.count() == 0) continue;
    metrics.duration.append("flowstone_http_request_duration_seconds",
                            fmt::format("method=\"{}\",route=\"{}\"", to_text(route->method), route->pattern), out);
  }
  out.append(
      "# HELP flowstone_append_duration_seconds From the decoded command to its durable outcome.\n"
      "# TYPE flowstone_append_duration_seconds histogram\n");
  core.metrics.append.append("flowstone_append_duration_seconds", "", out);
}

void append_runs(const commands::WorkflowRuns& runs, std::string& out) {
  const auto figures = runs.figures();
  gauge("flowstone_workflow_runs", "Runs of workflows that go on or wait.", number(figures.runs), out);
  gauge("flowstone_workflow_runs_in_memory", "Those that are kept folded.", number(figures.in_memory), out);
  gauge("flowstone_workflow_runs_ready", "Those that wait for a turn.", number(figures.waiting_for_turn), out);
  gauge("flowstone_workflow_timers", "Those that go on at a time of their own.", number(figures.timers), out);
}

void append_front(const Core& core, std::string& out) {
  const Metrics& metrics = core.metrics;
  gauge("flowstone_http_connections", "Open connections.", loaded(metrics.connections), out);
  counter("flowstone_http_connections_total", "Connections accepted.", loaded(metrics.accepted), out);
  counter("flowstone_http_connections_refused_total", "Connections beyond the limit.",
          loaded(metrics.refused_connections), out);
  counter("flowstone_http_timeouts_total", "Connections that missed a deadline.", loaded(metrics.timed_out), out);
  counter("flowstone_http_unrouted_total", "Answers to paths that do not exist and to broken requests.",
          loaded(metrics.unrouted), out);
  out.append("# HELP flowstone_subscribers Streams under way.\n# TYPE flowstone_subscribers gauge\n");
  fmt::format_to(std::back_inserter(out),
                 "flowstone_subscribers{{transport=\"websocket\"}} {}\nflowstone_subscribers{{transport=\"sse\"}} {}\n"
                 "flowstone_subscribers{{transport=\"ndjson\"}} {}\n",
                 metrics.websocket_subscribers.load(), metrics.sse_subscribers.load(),
                 metrics.ndjson_subscribers.load());
  counter("flowstone_delivered_events_total", "Events sent to subscribers.", loaded(metrics.delivered_events), out);
  counter("flowstone_delivered_bytes_total", "Bytes of them.", loaded(metrics.delivered_bytes), out);
  counter("flowstone_slow_readers_closed_total", "Subscribers closed because they did not read.",
          loaded(metrics.slow_readers_closed), out);
  gauge("flowstone_feed_bytes", "Encoded events kept for subscribers.", number(core.feeds.bytes()), out);
  gauge("flowstone_blocking_queue", "Works waiting for a thread that may block.",
        number(core.services.blocking.queued()), out);
  fmt::format_to(std::back_inserter(out),
                 "# HELP flowstone_build_info The running build.\n# TYPE flowstone_build_info gauge\n"
                 "flowstone_build_info{{version=\"{}\",commit=\"{}\"}} 1\n",
                 core.options.version, core.options.commit);
}

bool may_see(Exchange& exchange) {
  if (exchange.core.options.public_metrics) return true;
  const auto principal = exchange.core.authenticator.authenticate(exchange.request.header(Header::authorization));
  if (!principal) {
    exchange.refuse({ProblemKind::unauthenticated, std::string(sentence_of(principal.error()))});
    return false;
  }
  if ((*principal)->roles.allow(Role::operates)) return true;
  exchange.refuse({ProblemKind::forbidden, "This page needs a key with the role `operator`."});
  return false;
}

}  // namespace

Task<void> show_metrics(Exchange* exchange) {
  if (!may_see(*exchange)) co_return;
  Core& core = exchange->core;
  std::string& body = exchange->reply.body;
  append_log(core.services.store, body);
  append_projections(core.services.catalog, core.services.clock.now(), body);
  if (core.services.runs != nullptr) append_runs(*core.services.runs, body);
  append_requests(core, body);
  append_front(core, body);
  exchange->reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
}

}  // namespace flowstone::api
