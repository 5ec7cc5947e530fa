#include "cli/serve/logging.hpp"

#include <ctime>
#include <memory>
#include <string_view>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace flowstone::cli {
namespace {

// The message as a JSON string, whichever room it comes from.
class JsonMessage final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    const auto text =
        boost::json::serialize(boost::json::string(std::string_view(message.payload.data(), message.payload.size())));
    out.append(text.data(), text.data() + text.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JsonMessage>();
  }
};

std::unique_ptr<spdlog::formatter> json_lines() {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<JsonMessage>('*').set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":%*})");
  return formatter;
}

}  // namespace

void start_logging(const std::string& format) {
  const bool as_json = format == "json" || (format == "auto" && ::isatty(STDERR_FILENO) == 0);
  std::shared_ptr<spdlog::logger> logger;
  if (as_json) {
    logger = std::make_shared<spdlog::logger>("flowstone", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_formatter(json_lines());
  } else {
    logger = std::make_shared<spdlog::logger>("flowstone", std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>());
    logger->set_pattern("%H:%M:%S.%e %^%l%$ %v");
  }
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(logger);
}

void log_info(const std::string& sentence) { spdlog::info("{}", sentence); }
void log_warning(const std::string& sentence) { spdlog::warn("{}", sentence); }
void log_error(const std::string& sentence) { spdlog::error("{}", sentence); }

}  // namespace flowstone::cli
