// Programs of others, started and waited for.
#pragma once

#include <csignal>
#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace flowstone::bench {

struct PeerProcess {
  std::vector<std::string> words;  // the program by its path, and its arguments
  std::filesystem::path log;       // what it prints is appended there
  void (*prepare)() = nullptr;     // called in the new process before the program
  int when_orphaned = SIGQUIT;     // it gets this signal when the thread that started it is gone
};

// The process's id.
pid_t start_peer(const PeerProcess& process);
// Waits until it has ended; whether its exit status is 0.
bool peer_succeeded(pid_t child);

}  // namespace flowstone::bench
