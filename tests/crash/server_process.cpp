#include "tests/crash/server_process.hpp"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.hpp"

namespace flowstone::crash {
namespace {

constexpr std::chrono::seconds kStartPatience{120};

struct Child {
  pid_t process = 0;
  int output = -1;
};

void limit_files(std::uint64_t largest_bytes) {
  if (largest_bytes == 0) return;
  ::signal(SIGXFSZ, SIG_IGN);  // the write fails instead
  const rlimit limit{.rlim_cur = largest_bytes, .rlim_max = largest_bytes};
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

Child start_flowstone(std::vector<std::string> arguments, const std::filesystem::path& log,
                      std::uint64_t largest_file_bytes) {
  arguments.insert(arguments.begin(), FLOWSTONE_PROGRAM);
  std::array<int, 2> pipe{};
  check(::pipe2(pipe.data(), O_CLOEXEC) == 0, "a pipe can be made");
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  check(child >= 0, "a process can be started");
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(126);
    ::dup2(pipe[1], STDOUT_FILENO);
    ::dup2(::open(log.c_str(), O_CREAT | O_APPEND | O_WRONLY, 0644), STDERR_FILENO);
    limit_files(largest_file_bytes);
    std::vector<char*> words;
    for (std::string& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    ::execv(words[0], words.data());
    ::_exit(127);
  }
  ::close(pipe[1]);
  return {.process = child, .output = pipe[0]};
}

// The first whole line that the pipe yields within the time.
std::optional<std::string> read_line(int pipe, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (std::string line;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waiting{.fd = pipe, .events = POLLIN, .revents = 0};
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return {};
    char next = 0;
    if (::read(pipe, &next, 1) != 1) return {};
    if (next == '\n') return line;
    line += next;
  }
}

std::string first_line_of(const std::filesystem::path& file) {
  std::ifstream text(file);
  std::string line;
  std::getline(text, line);
  return line;
}

}  // namespace

ServerProcess::ServerProcess(const ServerStart& start) : data_(start.data) {
  const Child child = start_flowstone({"serve", "--data", start.data.string(), "--listen", "127.0.0.1:0", "--demo"},
                                      start.log, start.largest_file_bytes);
  process_ = child.process;
  output_ = child.output;
}

ServerProcess::~ServerProcess() {
  kill();
  ::close(output_);
}

std::optional<Endpoint> ServerProcess::wait_until_ready() {
  constexpr std::string_view kReady = "ready http://";
  const auto line = read_line(output_, kStartPatience);
  if (!line || !line->starts_with(kReady)) return {};
  const std::string address = line->substr(kReady.size());
  const std::size_t colon = address.rfind(':');
  return Endpoint{.host = address.substr(0, colon),
                  .port = static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))),
                  .key = first_line_of(data_ / "demo.key")};
}

bool ServerProcess::kill() {
  if (process_ == 0) return false;
  ::kill(process_, SIGKILL);
  const int status = wait();
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

std::optional<int> ServerProcess::stop() {
  ::kill(process_, SIGTERM);
  const int status = wait();
  return WIFEXITED(status) ? std::optional(WEXITSTATUS(status)) : std::nullopt;
}

int ServerProcess::wait() {
  int status = 0;
  check(::waitpid(process_, &status, 0) == process_, "the server can be waited for");
  process_ = 0;
  return status;
}

Finished run_flowstone(const std::vector<std::string>& arguments) {
  const Child child = start_flowstone(arguments, "/dev/stderr", 0);
  Finished finished;
  std::array<char, 4096> part;  // NOLINT: filled below
  for (ssize_t count = 0; (count = ::read(child.output, part.data(), part.size())) > 0;)
    finished.output.append(part.data(), static_cast<std::size_t>(count));
  ::close(child.output);
  int status = 0;
  check(::waitpid(child.process, &status, 0) == child.process, "the program can be waited for");
  finished.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return finished;
}

}  // namespace flowstone::crash
