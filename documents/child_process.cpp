#include "documents/child_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace flowstone::documents {
namespace {

constexpr std::size_t kMostErrors = std::size_t{64} << 10;

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    reset();
    number_ = std::exchange(other.number_, -1);
    return *this;
  }
  void reset() {
    if (number_ >= 0) close(std::exchange(number_, -1));
  }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool open() const { return number_ >= 0; }

 private:
  int number_;
};

struct Pipe {
  Descriptor read;
  Descriptor write;
};

std::optional<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

Descriptor file_of(std::string_view bytes) {
  Descriptor file(memfd_create("document", MFD_CLOEXEC));
  while (file.open() && !bytes.empty()) {
    const ssize_t written = write(file.number(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return Descriptor();
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return file;
}

// What posix_spawn is told; freed with it.
class Orders {
 public:
  Orders(int input, int output, int errors) {
    posix_spawn_file_actions_init(&actions_);
    // Through a number that none of them has, so that none is overwritten before it is copied.
    constexpr int kAside = 64;
    posix_spawn_file_actions_adddup2(&actions_, input, kAside);
    posix_spawn_file_actions_adddup2(&actions_, output, kAside + 1);
    posix_spawn_file_actions_adddup2(&actions_, errors, kAside + 2);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, kAside + 1, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, kAside + 2, STDERR_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, kAside, 3);
    posix_spawn_file_actions_addclosefrom_np(&actions_, 4);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~Orders() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  Orders(const Orders&) = delete;
  Orders& operator=(const Orders&) = delete;

  // 0, or an errno.
  int spawn(pid_t& child, const std::vector<std::string>& arguments) {
    std::vector<char*> words;
    for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));  // NOLINT
    words.push_back(nullptr);
    std::string locale = "LC_ALL=C.UTF-8";
    std::array<char*, 2> environment{locale.data(), nullptr};
    return posix_spawnp(&child, words[0], &actions_, &attributes_, words.data(), environment.data());
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

void bound(pid_t child, const ChildLimits& limits) {
  const auto set = [child](__rlimit_resource resource, rlim_t most) {
    const rlimit both{most, most};
    prlimit(child, resource, &both, nullptr);
  };
  set(RLIMIT_AS, limits.memory_bytes);
  set(RLIMIT_CPU, limits.cpu_seconds);
  set(RLIMIT_CORE, 0);
  set(RLIMIT_FSIZE, 0);
}

// False once the other end is closed.
bool take(Descriptor& from, std::string& into, std::size_t most) {
  std::array<char, std::size_t{64} << 10> buffer{};
  const ssize_t count = read(from.number(), buffer.data(), buffer.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  into.append(buffer.data(), std::min(static_cast<std::size_t>(count), most - std::min(most, into.size())));
  return count > 0;
}

int milliseconds_until(Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

// Reads until both ends are closed and the child has ended.
std::optional<ChildFailure> collect(Pipe& output, Pipe& errors, Descriptor& process, const ChildLimits& limits,
                                    ChildOutput& result) {
  while (output.read.open() || errors.read.open() || process.open()) {
    std::array<pollfd, 3> waits{
        {{output.read.number(), POLLIN, 0}, {errors.read.number(), POLLIN, 0}, {process.number(), POLLIN, 0}}};
    const int ready = poll(waits.data(), waits.size(), milliseconds_until(limits.deadline));
    if (std::chrono::steady_clock::now() >= limits.deadline) return ChildFailure::timed_out;
    if (ready <= 0) continue;
    // One byte more than allowed is kept, to see that there is more.
    if (waits[0].revents != 0 && !take(output.read, result.output, limits.output_bytes + 1)) output.read.reset();
    if (waits[1].revents != 0 && !take(errors.read, result.errors, kMostErrors)) errors.read.reset();
    if (waits[2].revents != 0) process.reset();
    if (result.output.size() > limits.output_bytes) return ChildFailure::too_much_output;
  }
  return std::nullopt;
}

}  // namespace

Result<ChildOutput, ChildFailure> run_child(const std::vector<std::string>& arguments, std::string_view input,
                                            const ChildLimits& limits) {
  auto output = make_pipe();
  auto errors = make_pipe();
  Descriptor file = file_of(input);
  if (!output || !errors || !file.open()) return failure(ChildFailure::no_resources);
  pid_t child = -1;
  const int error = Orders(file.number(), output->write.number(), errors->write.number()).spawn(child, arguments);
  if (error == ENOENT || error == EACCES) return failure(ChildFailure::missing_program);
  if (error != 0) return failure(ChildFailure::no_resources);
  bound(child, limits);
  output->write.reset();
  errors->write.reset();
  file.reset();

  ChildOutput result;
  Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  const auto failed = collect(*output, *errors, process, limits, result);
  if (failed) kill(-child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (failed) return failure(*failed);
  if (WIFSIGNALED(status)) {
    return failure(WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL ? ChildFailure::timed_out
                                                                              : ChildFailure::crashed);
  }
  result.exit_code = WEXITSTATUS(status);
  return result;
}

}  // namespace flowstone::documents
