#include "api/access_log.hpp"

#include <string>

#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/time.hpp"
#include "schemas/json.hpp"

namespace flowstone::api {
namespace {

constexpr std::size_t kWaitingLines = 8192;

void member(std::string& line, std::string_view name, std::string_view text) {
  line.append(",\"").append(name).append("\":");
  schemas::append_json_string(text, line);
}

}  // namespace

AccessLog::AccessLog(bool enabled) : enabled_(enabled) {
  pool_ = std::make_shared<spdlog::details::thread_pool>(kWaitingLines, 1);
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  sink->set_pattern("%v");
  logger_ = std::make_shared<spdlog::async_logger>("access", std::move(sink), pool_,
                                                   spdlog::async_overflow_policy::overrun_oldest);
}

AccessLog::~AccessLog() {
  pool_.reset();  // writes what waits and joins its thread, which must not be the last to hold the logger
}

void AccessLog::write(const AccessEntry& entry) {
  if (!enabled_) return;
  std::string line = fmt::format(
      "{{\"time\":\"{}\",\"level\":\"info\",\"event\":\"request\",\"status\":{},\"duration_ms\":{:.3f},"
      "\"request_bytes\":{},\"response_bytes\":{}",
      to_rfc3339(SystemClock().now()), entry.status, static_cast<double>(entry.took.count()) * 1e-6,
      entry.request_bytes, entry.response_bytes);
  member(line, "method", entry.method);
  member(line, "path", entry.path);
  member(line, "request_id", entry.request_id);
  if (!entry.actor.empty()) member(line, "actor", entry.actor);
  if (!entry.workspace.empty()) member(line, "workspace", entry.workspace);
  member(line, "peer", entry.peer);
  line += '}';
  logger_->info("{}", line);
}

void AccessLog::error(std::string_view what, std::string_view request_id) {
  std::string line =
      fmt::format("{{\"time\":\"{}\",\"level\":\"error\",\"event\":\"failure\"", to_rfc3339(SystemClock().now()));
  member(line, "request_id", request_id);
  member(line, "detail", what);
  line += '}';
  logger_->error("{}", line);
}

}  // namespace flowstone::api
