#include "bench/peers/peer_process.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <fcntl.h>
#include <netinet/in.h>
#include <random>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "base/check.hpp"
#include "bench/http_lane.hpp"

namespace flowstone::bench {

pid_t start_peer(const PeerProcess& process) {
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  check(child >= 0, "a process can be started");
  if (child > 0) return child;
  const int output = ::open(process.log.c_str(), O_CREAT | O_APPEND | O_WRONLY, 0644);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  if (process.prepare != nullptr) process.prepare();
  ::prctl(PR_SET_PDEATHSIG, process.when_orphaned);  // after a change of user, which would clear it
  if (::getppid() != parent) ::_exit(126);
  std::vector<char*> arguments;
  for (const std::string& word : process.words)
    arguments.push_back(const_cast<char*>(word.c_str()));  // NOLINT: execv's type
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

bool peer_succeeded(pid_t child) {
  int status = 0;
  check(::waitpid(child, &status, 0) == child, "a child can be waited for");
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void end_peer(pid_t child) {
  ::kill(child, SIGKILL);
  peer_succeeded(child);
}

std::uint16_t free_port() {
  // Below what Linux gives to those who ask for any.
  constexpr std::uint16_t kFirst = 20'000;
  constexpr std::uint16_t kLast = 32'000;
  std::random_device chance;
  std::uniform_int_distribution<std::uint16_t> any(kFirst, kLast);
  for (;;) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(any(chance));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool is_free = ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;  // NOLINT
    ::close(socket);
    if (is_free) return ntohs(address.sin_port);
  }
}

void wait_until_listening(std::uint16_t port, std::initializer_list<pid_t> processes) {
  constexpr std::chrono::minutes kPatience{2};
  constexpr std::chrono::milliseconds kPause{50};
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!is_listening(port)) {
    for (const pid_t process : processes) check(::waitpid(process, nullptr, WNOHANG) == 0, "the peer runs");
    check(std::chrono::steady_clock::now() < deadline, "the peer listens within two minutes");
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace flowstone::bench
