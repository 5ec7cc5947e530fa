#include "cli/exec/recording.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <optional>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "base/time.hpp"
#include "cli/exec/child.hpp"
#include "cli/exec/pump.hpp"
#include "cli/exec/recorder.hpp"
#include "cli/exec/sender.hpp"
#include "cli/program.hpp"
#include "cli/terminal.hpp"
#include "schemas/contract.hpp"
#include "schemas/json.hpp"

namespace flowstone::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTickMs = 250;
constexpr std::chrono::seconds kAnswerWithin{10};
// What was written to stdout before a line on stderr is recorded before it, unless our own stdout is held up so long.
constexpr std::chrono::milliseconds kOtherStream{20};
constexpr std::chrono::seconds kLinger{2};  // for output of what the program left running behind it
constexpr std::array kForwarded{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT};
constexpr std::size_t kArguments = 1000;
constexpr std::size_t kArgumentBytes = 1000;
constexpr std::size_t kNameBytes = 190;

std::string joined(const std::vector<std::string>& command) {
  std::string out;
  for (const auto& argument : command) {
    if (!out.empty()) out += ' ';
    out += argument;
  }
  return out;
}

std::string base_name(std::string_view path) {
  const auto name = path.substr(path.find_last_of('/') + 1);
  return acceptable(name.empty() ? path : name, kNameBytes);
}

std::string create_run_body(const RecordingOptions& options, const std::string& run) {
  boost::json::object body;
  const auto name = acceptable(options.name.empty() ? joined(options.command) : options.name, kNameBytes);
  body["id"] = run;
  body["name"] = name.empty() ? "program" : name;
  body["kind"] = "exec";
  auto& command = body["command"].emplace_array();
  for (const auto& argument : options.command) {
    if (command.size() == kArguments) break;
    command.emplace_back(acceptable(argument, kArgumentBytes));
  }
  std::error_code failed;
  const auto directory = std::filesystem::current_path(failed).string();
  if (!failed) body["working_directory"] = acceptable(directory, kArgumentBytes);
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) == 0) body["host"] = acceptable(host.data(), kNameBytes);
  if (!options.labels.empty()) body["labels"] = boost::json::array(options.labels.begin(), options.labels.end());
  body["heartbeat_timeout_ms"] = options.heartbeat_seconds * 1000;
  return boost::json::serialize(body);
}

std::string signal_name(int number) {
  const char* abbreviation = ::sigabbrev_np(number);
  return abbreviation == nullptr ? fmt::format("SIG{}", number) : fmt::format("SIG{}", abbreviation);
}

void flag(int event) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(event, &one, sizeof one);
}

// The program and everything that watches it until it ends.
class Watch {
 public:
  Watch(const RecordingOptions& options, Recorder& recorder, Child child, const sigset_t& signals,
        Clock::time_point started)
      : options_(options),
        recorder_(recorder),
        child_(std::move(child)),
        started_(started),
        signals_(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK)),
        cancel_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    terminal_ = {child_.pid, Descriptor(::fcntl(child_.out.get(), F_DUPFD_CLOEXEC, 0)),
                 Descriptor(::fcntl(child_.err.get(), F_DUPFD_CLOEXEC, 0))};
    if (::isatty(STDOUT_FILENO) == 0 && ::isatty(STDERR_FILENO) == 0) terminal_ = {};
    out_ = std::make_unique<Pump>(std::move(child_.out), STDOUT_FILENO,
                                  [this](std::string_view bytes) { recorder_.output(false, bytes); });
    err_ = std::make_unique<Pump>(std::move(child_.err), STDERR_FILENO, [this](std::string_view bytes) {
      out_->wait_until_seen(kOtherStream);
      recorder_.output(true, bytes);
    });
  }

  // From any thread: the server wants the run to end.
  void request_cancel() const { flag(cancel_.get()); }

  // Returns when the program has ended and its output was passed on.
  Ending run() {
    const auto heartbeat = std::chrono::milliseconds(std::min(options_.heartbeat_seconds * 1000 / 3, 20'000));
    while (!ending_) {
      std::array<pollfd, 2> waits{pollfd{.fd = signals_.get(), .events = POLLIN, .revents = 0},
                                  pollfd{.fd = cancel_.get(), .events = POLLIN, .revents = 0}};
      ::poll(waits.data(), waits.size(), kTickMs);
      if (waits[0].revents != 0) take_signals();
      if (waits[1].revents != 0) begin_cancel();
      if (kill_at_ && Clock::now() > *kill_at_) {
        ::kill(child_.pid, SIGKILL);
        kill_at_.reset();
      }
      recorder_.flush_waiting();
      recorder_.heartbeat_after(heartbeat);
    }
    drain();
    return *ending_;
  }

 private:
  void take_signals() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
      const int number = static_cast<int>(info.ssi_signo);
      if (number == SIGCHLD) {
        reap();
      } else if (number == SIGWINCH) {
        if (terminal_.out.get() >= 0) copy_window_size(terminal_);
        ::kill(child_.pid, SIGWINCH);
      } else if (info.ssi_code != SI_KERNEL) {
        // What the terminal sends, it has sent to the program too.
        ::kill(child_.pid, number);
      }
    }
  }

  void begin_cancel() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto taken = ::read(cancel_.get(), &count, sizeof count);
    cancelled_ = true;
    kill_at_ = Clock::now() + std::chrono::seconds(options_.cancel_grace_seconds);
    ::kill(child_.pid, SIGTERM);
  }

  void reap() {
    int status = 0;
    if (::waitpid(child_.pid, &status, WNOHANG) != child_.pid) return;
    Ending ending{.exit_code = {}, .signal = {}, .error = {}, .cancelled = cancelled_, .duration = {}};
    if (WIFEXITED(status)) ending.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) ending.signal = signal_name(WTERMSIG(status));
    ending.duration = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started_);
    ending_ = ending;
  }

  // What is still in the pipes is passed on; a program left running in the background may hold them open for ever.
  void drain() {
    terminal_ = {};
    const auto deadline = Clock::now() + kLinger;
    for (const auto* pump : {out_.get(), err_.get()}) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
      pollfd wait{.fd = pump->ended(), .events = POLLIN, .revents = 0};
      ::poll(&wait, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
    }
    err_.reset();  // first: it looks at the other
    out_.reset();
  }

  const RecordingOptions& options_;
  Recorder& recorder_;
  Child child_;
  const Clock::time_point started_;
  Child terminal_;  // duplicates that carry the window's size
  Descriptor signals_, cancel_;
  std::unique_ptr<Pump> out_, err_;
  std::optional<Clock::time_point> kill_at_;
  std::optional<Ending> ending_;
  bool cancelled_ = false;
};

// Blocks what is to be forwarded, so that it is read from a descriptor; what is ignored already stays ignored (nohup).
sigset_t take_over_signals(sigset_t& before) {
  sigset_t taken;
  sigemptyset(&taken);
  for (const int number : kForwarded) {
    struct sigaction action{};
    ::sigaction(number, nullptr, &action);
    if (action.sa_handler != SIG_IGN) sigaddset(&taken, number);
  }
  sigaddset(&taken, SIGCHLD);
  ::pthread_sigmask(SIG_BLOCK, &taken, &before);
  ::signal(SIGPIPE, SIG_IGN);
  return taken;
}

// Without a spool nothing can be recorded; the program runs all the same.
int run_unrecorded(const RecordingOptions& options, const std::string& reason) {
  fail(fmt::format("the program runs without being recorded: {}", reason));
  std::vector<char*> arguments;
  arguments.reserve(options.command.size() + 1);
  for (const auto& argument : options.command)
    arguments.push_back(const_cast<char*>(argument.c_str()));  // NOLINT: POSIX's signature
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  const int error = errno;
  fail(fmt::format("{}: {}", options.command[0],
                   std::strerror(error)));  // NOLINT(concurrency-mt-unsafe): glibc's is safe
  return error == ENOENT ? 127 : 126;
}

Ending not_started(const std::string& program, int error) {
  const auto reason =
      fmt::format("{}: {}", program, std::strerror(error));  // NOLINT(concurrency-mt-unsafe): glibc's is safe
  fail(reason);
  return {.exit_code = error == ENOENT ? 127 : 126,
          .signal = {},
          .error = acceptable(reason, kArgumentBytes),
          .cancelled = false,
          .duration = {}};
}

void deliver_leftovers(const RecordingOptions& options, std::chrono::milliseconds patience) {
  const auto until = Clock::now() + patience;
  for (const auto& file : spools_in(spool_directory(options))) {
    if (Clock::now() > until) return;
    const auto spool = SpoolReader::open(file);
    if (!spool || spool->heading().url != options.client.url) continue;
    // One that is refused does not keep the others back.
    [[maybe_unused]] const auto delivered = deliver_spool(file, options.client, std::chrono::milliseconds(0));
  }
}

void report_undelivered(const std::filesystem::path& file, const std::string& trouble) {
  fail(
      fmt::format("not everything was delivered{}{}\n  It is kept in {}\n  The next `flowstone exec` delivers it, or: "
                  "flowstone exec --deliver {}",
                  trouble.empty() ? "" : ": ", trouble, file.string(), file.string()));
}

// What the server would refuse for ever is refused before the program starts; the error is a sentence.
Result<void, std::string> check_by_contract(const std::string& body) {
  const auto call = schemas::contracts().find_command("create_run");
  const auto decoded = schemas::decode_json(*call->command->table, body);
  if (decoded) return {};
  std::string sentence = "the run cannot be recorded so:";
  for (const auto& problem : decoded.error().problems)
    sentence += fmt::format("\n  {}: {}", problem.field, problem.detail);
  return failure(sentence);
}

}  // namespace

std::filesystem::path spool_directory(const RecordingOptions& options) {
  if (!options.spool.empty()) return options.spool;
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/')
    return std::filesystem::path(state) / "flowstone/spool";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
    return std::filesystem::path(home) / ".local/state/flowstone/spool";
  return std::filesystem::temp_directory_path() / fmt::format("flowstone-spool-{}", ::getuid());
}

int record_program(const RecordingOptions& options) {
  static const SystemClock kClock;
  auto client_options = options.client;
  client_options.attempts = 1;
  client_options.timeout = kAnswerWithin;
  auto client = Client::make(client_options);
  if (!client) return fail(client.error());

  const auto run = options.run_id.empty() ? fresh_id() : options.run_id;
  const auto body = create_run_body(options, run);
  if (const auto checked = check_by_contract(body); !checked) {
    fail(checked.error());
    return kUsage;
  }
  const auto file = spool_directory(options) / (run + ".spool");
  auto spool = SpoolWriter::create(file, {.run = run, .url = options.client.url, .body = body});
  if (!spool) return run_unrecorded(options, spool.error());
  auto reader = SpoolReader::open(file);
  if (!reader) return run_unrecorded(options, reader.error());
  if (!options.id_file.empty()) std::ofstream(options.id_file) << run << '\n';

  sigset_t mask_before;
  const auto signals = take_over_signals(mask_before);
  const auto start = Clock::now();
  auto child = start_child(options.command, mask_before);
  const int refusal = child ? 0 : child.error();
  Recorder recorder(*std::move(spool), base_name(options.command[0]), options.step_markers, kClock);
  recorder.started();

  std::optional<Watch> watch;
  if (child) watch.emplace(options, recorder, *std::move(child), signals, start);
  Sender sender(Delivery(*std::move(reader), *std::move(client)), recorder, [&watch] {
    if (watch) watch->request_cancel();
  });
  const auto ending = watch ? watch->run() : not_started(options.command[0], refusal);
  recorder.ended(ending);
  if (sender.finish(options.deliver_timeout)) {
    std::error_code failed;
    std::filesystem::remove(file, failed);
    deliver_leftovers(options, options.deliver_timeout);
  } else {
    report_undelivered(file, sender.trouble());
  }
  return ending.status();
}

}  // namespace flowstone::cli
