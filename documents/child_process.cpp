#include "documents/child_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <functional>
#include <optional>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace flowstone::documents {
namespace {

constexpr std::size_t kMostErrors = std::size_t{64} << 10;
// Pieces that are read after the child has ended: more than a pipe holds, and an end for whoever still writes.
constexpr std::size_t kMostRest = 64;

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
  if (file.open() && lseek(file.number(), 0, SEEK_SET) != 0) return Descriptor();
  return file;
}

// All that the child needs, made before it is: between vfork and exec nothing may be allocated.
struct Orders {
  std::vector<char*> arguments;
  std::vector<char*> environment;
  const char* directory = "/";
  std::array<int, 4> descriptors{};  // what its 0, 1, 2 and 3 are to be
  int report = -1;                   // where it writes its errno when it cannot become the program; above all of those
  std::vector<std::pair<__rlimit_resource, rlim_t>> limits;
};

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));  // NOLINT: as exec wants it
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::pair<__rlimit_resource, rlim_t>> limits_of(const ChildProgram& program, const ChildLimits& limits) {
  std::vector<std::pair<__rlimit_resource, rlim_t>> all{{RLIMIT_CORE, 0}};
  if (limits.memory_bytes > 0) all.emplace_back(RLIMIT_AS, limits.memory_bytes);
  if (limits.cpu_seconds > 0) all.emplace_back(RLIMIT_CPU, limits.cpu_seconds);
  if (!program.writes_files) all.emplace_back(RLIMIT_FSIZE, 0);
  return all;
}

// In the child, which may borrow the parent's memory until it is another program. Answers an errno where that fails.
int become(const Orders& orders) {
  // Above all of them, so that none is overwritten before it is copied.
  const int aside = orders.report + 1;
  setpgid(0, 0);
  if (chdir(orders.directory) != 0) return errno;
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
  // A child that ends at once would else be told to whoever waits with a timeout: their call fails with EINTR, although
  // nobody handles the signal.
  sigdelset(&all, SIGCHLD);
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

// Can be waited for beside the pipes, and is ready once somebody wants to stop.
class StopSignal {
 public:
  explicit StopSignal(const std::stop_token& stop)
      : raised_(eventfd(0, EFD_CLOEXEC)), wake_(stop, [this] { raise(); }) {}
  [[nodiscard]] int number() const { return raised_.number(); }

 private:
  void raise() {
    const std::uint64_t one = 1;
    (void)!write(raised_.number(), &one, sizeof one);
  }

  Descriptor raised_;
  std::stop_callback<std::function<void()>> wake_;
};

// One child while it runs.
class Running {
 public:
  Running(pid_t child, Pipe& output, Pipe& errors, const ChildProgram& program, const ChildLimits& limits)
      : child_(child),
        output_(output.read),
        errors_(errors.read),
        process_(static_cast<int>(syscall(SYS_pidfd_open, child, 0))),
        stop_(program.stop),
        program_(program),
        limits_(limits) {}

  Result<ChildOutput, ChildFailure> wait() {
    const auto failed = collect();
    // The child is not waited for yet, so that its group cannot have become another's.
    kill(-child_, SIGKILL);
    int status = 0;
    while (waitpid(child_, &status, 0) < 0 && errno == EINTR) {
    }
    if (failed) return failure(*failed);
    if (result_.output.size() > limits_.output_bytes) result_.output.resize(limits_.output_bytes);
    if (WIFSIGNALED(status))
      result_.signal = WTERMSIG(status);
    else
      result_.exit_code = WEXITSTATUS(status);
    return std::move(result_);
  }

 private:
  // Until the child has ended, and what it had written by then. Nobody is waited for who holds the other ends.
  std::optional<ChildFailure> collect() {
    if (!process_.open() || stop_.number() < 0) return ChildFailure::no_resources;
    bool ended = false;
    while (!ended) {
      std::array<pollfd, 2> waits{{{process_.number(), POLLIN, 0}, {stop_.number(), POLLIN, 0}}};
      ended = take_what_comes(waits, milliseconds_until(limits_.deadline)) && waits[0].revents != 0;
      if (program_.stop.stop_requested()) return ChildFailure::stopped;
      if (std::chrono::steady_clock::now() >= limits_.deadline) return ChildFailure::timed_out;
      if (is_too_much()) return ChildFailure::too_much_output;
    }
    std::array<pollfd, 2> nothing{{{-1, 0, 0}, {-1, 0, 0}}};
    for (std::size_t piece = 0; piece < kMostRest && take_what_comes(nothing, 0); ++piece) {
    }
    return is_too_much() ? std::optional(ChildFailure::too_much_output) : std::nullopt;
  }

  // Waits for the pipes and for `others`. False: nothing came.
  bool take_what_comes(std::array<pollfd, 2>& others, int milliseconds) {
    std::array<pollfd, 4> waits{{{output_.number(), POLLIN, 0}, {errors_.number(), POLLIN, 0}, others[0], others[1]}};
    if (poll(waits.data(), waits.size(), milliseconds) <= 0) return false;
    others = {waits[2], waits[3]};
    // One byte more than allowed is kept, to see that there is more.
    if (waits[0].revents != 0 && !take(output_, result_.output, limits_.output_bytes + 1)) output_.reset();
    const auto most = program_.last_errors ? 2 * kMostErrors : kMostErrors;
    if (waits[1].revents != 0 && !take(errors_, result_.errors, most)) errors_.reset();
    if (program_.last_errors && result_.errors.size() > kMostErrors)
      result_.errors.erase(0, result_.errors.size() - kMostErrors);
    return true;
  }

  [[nodiscard]] bool is_too_much() const {
    return !program_.cut_output && result_.output.size() > limits_.output_bytes;
  }

  const pid_t child_;
  Descriptor& output_;
  Descriptor& errors_;
  Descriptor process_;
  const StopSignal stop_;
  const ChildProgram& program_;
  const ChildLimits& limits_;
  ChildOutput result_;
};

}  // namespace

Result<ChildOutput, ChildFailure> run_program(const ChildProgram& program, const ChildLimits& limits) {
  auto output = make_pipe();
  auto errors = make_pipe();
  auto report = make_pipe();
  Descriptor file = file_of(program.input);
  const Descriptor nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!output || !errors || !report || !file.open() || !nothing.open()) return failure(ChildFailure::no_resources);
  const int standard = program.input_is_standard ? file.number() : nothing.number();
  const int third = program.input_is_standard ? nothing.number() : file.number();
  Orders orders{.arguments = pointers_to(program.arguments),
                .environment = pointers_to(program.environment),
                .directory = program.directory.c_str(),
                .descriptors = {standard, output->write.number(), errors->write.number(), third},
                .limits = limits_of(program, limits)};
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
  return Running(child, *output, *errors, program, limits).wait();
}

Result<ChildOutput, ChildFailure> run_child(const std::vector<std::string>& arguments, std::string_view input,
                                            const ChildLimits& limits) {
  FLOWSTONE_TRY(auto ended, run_program({.arguments = arguments, .input = input}, limits));
  if (ended.signal == 0) return ended;
  const bool out_of_time = ended.signal == SIGXCPU || ended.signal == SIGKILL;
  return failure(out_of_time ? ChildFailure::timed_out : ChildFailure::crashed);
}

}  // namespace flowstone::documents
