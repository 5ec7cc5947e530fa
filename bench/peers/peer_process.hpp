// Programs of others, started and waited for.
#pragma once

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
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
// Kills it, and waits until it is gone.
void end_peer(pid_t child);

// Nobody listens there now, nor will anybody who asks the kernel for any port.
std::uint16_t free_port();
// Until somebody listens at the port. Ends the program if one of the processes ends meanwhile, or after two minutes.
void wait_until_listening(std::uint16_t port, std::initializer_list<pid_t> processes);

}  // namespace flowstone::bench
