#include "cli/exec/child.hpp"

#include <cerrno>
#include <fcntl.h>
#include <pty.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <utility>

namespace flowstone::cli {
namespace {

constexpr int kPipeBytes = 1 << 18;  // a burst of output waits less often for us to be scheduled

struct Ends {
  Descriptor ours, theirs;
};

// A pseudo-terminal that changes no byte: ours does what a terminal does to line ends.
Result<Ends, int> open_terminal(int like) {
  termios modes{};
  winsize size{};
  const bool has_modes = ::tcgetattr(like, &modes) == 0;
  ::ioctl(like, TIOCGWINSZ, &size);
  if (has_modes) ::cfmakeraw(&modes);
  int ours = -1;
  int theirs = -1;
  if (::openpty(&ours, &theirs, nullptr, has_modes ? &modes : nullptr, &size) != 0) return failure(errno);
  ::fcntl(ours, F_SETFD, FD_CLOEXEC);
  ::fcntl(theirs, F_SETFD, FD_CLOEXEC);
  return Ends{.ours = Descriptor(ours), .theirs = Descriptor(theirs)};
}

Result<Ends, int> open_pipe() {
  int ends[2] = {-1, -1};  // NOLINT(modernize-avoid-c-arrays): pipe2 wants one
  if (::pipe2(ends, O_CLOEXEC) != 0) return failure(errno);
  ::fcntl(ends[0], F_SETPIPE_SZ, kPipeBytes);
  return Ends{.ours = Descriptor(ends[0]), .theirs = Descriptor(ends[1])};
}

Result<Ends, int> ends_like(int descriptor) {
  return ::isatty(descriptor) != 0 ? open_terminal(descriptor) : open_pipe();
}

// The signals whose default actions we have replaced are the program's again.
void restore_signals(posix_spawnattr_t& attributes, const sigset_t& mask) {
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  ::posix_spawnattr_setsigmask(&attributes, &mask);
  ::posix_spawnattr_setsigdefault(&attributes, &defaults);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

}  // namespace

int Descriptor::release() { return std::exchange(number_, -1); }

void Descriptor::reset(int number) {
  if (number_ >= 0) ::close(number_);
  number_ = number;
}

Result<Child, int> start_child(const std::vector<std::string>& command, const sigset_t& mask) {
  FLOWSTONE_TRY(auto out, ends_like(STDOUT_FILENO));
  FLOWSTONE_TRY(auto err, ends_like(STDERR_FILENO));

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, out.theirs.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err.theirs.get(), STDERR_FILENO);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  restore_signals(attributes, mask);

  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const auto& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));  // NOLINT: POSIX's signature
  arguments.push_back(nullptr);
  Child child;
  const int error = ::posix_spawnp(&child.pid, arguments[0], &actions, &attributes, arguments.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return failure(error);
  child.out = std::move(out.ours);
  child.err = std::move(err.ours);
  return child;
}

void copy_window_size(const Child& child) {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) ::ioctl(child.out.get(), TIOCSWINSZ, &size);
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0) ::ioctl(child.err.get(), TIOCSWINSZ, &size);
}

}  // namespace flowstone::cli
