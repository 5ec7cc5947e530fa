// Where the process's log lines go.
#pragma once

#include <string>

namespace flowstone::cli {

// spdlog's default logger writes to stderr from now on: JSON lines, or text; `format` is json, text or auto (text on a
// terminal).
void start_logging(const std::string& format);

// Appends to the log as an information, a warning or an error.
void log_info(const std::string& sentence);
void log_warning(const std::string& sentence);
void log_error(const std::string& sentence);

}  // namespace flowstone::cli
