// One program, recorded from its start to its end.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/client.hpp"

namespace flowstone::cli {

struct RecordingOptions {
  std::vector<std::string> command;
  std::string name;
  std::vector<std::string> labels;
  std::string run_id;
  std::string id_file;
  bool step_markers = true;
  std::string spool;  // directory; empty: $XDG_STATE_HOME/flowstone/spool
  int deliver_seconds = 30;
  int cancel_grace_seconds = 10;
  int heartbeat_seconds = 60;
  std::chrono::milliseconds deliver_timeout{30'000};
  ClientOptions client;
};

std::filesystem::path spool_directory(const RecordingOptions& options);

// Returns the status to exit with. To be called before the process has other threads: it replaces the signal mask.
int record_program(const RecordingOptions& options);

}  // namespace flowstone::cli
