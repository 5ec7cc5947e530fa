#include "cli/serve/logging.hpp"

#include <atomic>
#include <memory>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace flowstone::cli {
namespace {

std::atomic<bool> as_json{false};

std::string line_of(const std::string& sentence) {
  return as_json ? boost::json::serialize(boost::json::value(sentence)) : sentence;
}

}  // namespace

void start_logging(const std::string& format) {
  as_json = format == "json" || (format == "auto" && ::isatty(STDERR_FILENO) == 0);
  std::shared_ptr<spdlog::logger> logger;
  if (as_json) {
    logger = std::make_shared<spdlog::logger>("flowstone", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":%v})",
                        spdlog::pattern_time_type::utc);
  } else {
    logger = std::make_shared<spdlog::logger>("flowstone", std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>());
    logger->set_pattern("%H:%M:%S.%e %^%l%$ %v");
  }
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(logger);
}

void log_info(const std::string& sentence) { spdlog::info("{}", line_of(sentence)); }
void log_warning(const std::string& sentence) { spdlog::warn("{}", line_of(sentence)); }
void log_error(const std::string& sentence) { spdlog::error("{}", line_of(sentence)); }

}  // namespace flowstone::cli
