#include "documents/child_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <optional>
#include <poll.h>
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

// All that the child needs, made before it is: between vfork and exec nothing may be allocated.
struct Orders {
  std::vector<char*> arguments;
  std::array<char*, 2> environment{};
  std::array<int, 4> descriptors{};  // what its 0, 1, 2 and 3 are to be
  int report = -1;                   // where it writes its errno when it cannot become the program; above all of those
  std::array<std::pair<__rlimit_resource, rlim_t>, 4> limits{};
};

// In the child, which may borrow the parent's memory until it is another program. Answers an errno where that fails.
int become(const Orders& orders) {
  // Above all of them, so that none is overwritten before it is copied.
  const int aside = orders.report + 1;
  setpgid(0, 0);
  for (const auto& [resource, most] : orders.limits) {
    const rlimit both{most, most};
    if (setrlimit(resource, &both) != 0) return errno;
  }
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction as_usual{};
    as_usual.sa_handler = SIG_DFL;
    sigaction(signal, &as_usual, nullptr);
  }
  for (int at = 0; at < 4; ++at) {
    if (dup2(orders.descriptors[static_cast<std::size_t>(at)], aside + at) < 0) return errno;
  }
  for (int at = 0; at < 4; ++at) {
    if (dup2(aside + at, at) < 0) return errno;
  }
  const auto report = static_cast<unsigned>(orders.report);
  close_range(4, report - 1, 0);
  close_range(report + 1, ~0U, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execvpe(orders.arguments.front(), orders.arguments.data(), orders.environment.data());
  return errno;
}

struct Started {
  pid_t child = -1;
  int error = 0;
};

// The errno that the child wrote; 0 when it became another program instead, which closes the pipe.
int reported(const Descriptor& report) {
  int error = 0;
  while (read(report.number(), &error, sizeof error) < 0 && errno == EINTR) {
  }
  return error;
}

// vfork, as the limits must hold before the program's first step, and fork would copy the page tables of a whole
// server. Nothing is told through the memory that the two share: where vfork is fork, they do not.
Started start(const Orders& orders, Pipe& report) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // no handler of the parent may run in the child
  const pid_t child = vfork();
  if (child == 0) {
    const int error = become(orders);
    (void)!write(orders.report, &error, sizeof error);
    _exit(127);
  }
  const int error = child < 0 ? errno : 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  report.write.reset();
  return {child, child < 0 ? error : reported(report.read)};
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
  auto report = make_pipe();
  Descriptor file = file_of(input);
  const Descriptor nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!output || !errors || !report || !file.open() || !nothing.open()) return failure(ChildFailure::no_resources);
  std::string locale = "LC_ALL=C.UTF-8";
  Orders orders;
  for (const std::string& argument : arguments)
    orders.arguments.push_back(const_cast<char*>(argument.c_str()));  // NOLINT
  orders.arguments.push_back(nullptr);
  orders.environment = {locale.data(), nullptr};
  orders.descriptors = {nothing.number(), output->write.number(), errors->write.number(), file.number()};
  orders.limits = {
      {{RLIMIT_AS, limits.memory_bytes}, {RLIMIT_CPU, limits.cpu_seconds}, {RLIMIT_CORE, 0}, {RLIMIT_FSIZE, 0}}};
  report->write =
      Descriptor(fcntl(report->write.number(), F_DUPFD_CLOEXEC, std::max(std::ranges::max(orders.descriptors), 4) + 1));
  if (!report->write.open()) return failure(ChildFailure::no_resources);
  orders.report = report->write.number();
  const auto [child, error] = start(orders, *report);
  if (error != 0) {
    if (child > 0) waitpid(child, nullptr, 0);
    return failure(error == ENOENT || error == EACCES ? ChildFailure::missing_program : ChildFailure::no_resources);
  }
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
