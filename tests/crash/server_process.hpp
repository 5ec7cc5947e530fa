// The real server as a child process that can be killed.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <sys/types.h>

#include "tests/crash/connection.hpp"

namespace flowstone::crash {

struct ServerStart {
  std::filesystem::path data;  // its data directory
  std::filesystem::path log;   // receives what it writes to stderr
  std::uint64_t largest_file_bytes =
      0;  // 0: no limit. A file that would grow beyond fails its write, as on a full disk
};

// Lifetime: the server is killed when the object goes, and by the system when this process dies.
class ServerProcess {
 public:
  explicit ServerProcess(const ServerStart& start);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Waits for `ready http://...` on its stdout, and reads the workspace's key. Nothing: it ended, or took two minutes.
  std::optional<Endpoint> wait_until_ready();
  // SIGKILL, and waits until it is gone. False: it had ended by itself before.
  bool kill();
  // SIGTERM, and waits until it has ended; its exit status, or nothing if it ended by a signal.
  std::optional<int> stop();

 private:
  int wait();

  std::filesystem::path data_;
  pid_t process_ = 0;
  int output_ = -1;  // the reading end of its stdout
};

// Runs `flowstone` with the arguments to its end; its exit status and what it printed to stdout.
struct Finished {
  int status = 0;
  std::string output;
};
Finished run_flowstone(const std::vector<std::string>& arguments);

}  // namespace flowstone::crash
