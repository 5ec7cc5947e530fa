#include "bench/peers/peer_process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.hpp"

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

}  // namespace flowstone::bench
