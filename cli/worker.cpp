// `flowstone worker`: does tasks of workflows with a program of this machine.
#include <array>
#include <csignal>
#include <cstring>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "cli/program.hpp"
#include "cli/worker/work.hpp"

namespace flowstone::cli {
namespace {

constexpr const char* kDescription =
    "Do the tasks of an activity (`flowstone:activity`) with a program of this machine: the task's input is the "
    "program's\n"
    "standard input, as JSON; what it prints is the output, JSON or else a text.";

constexpr const char* kFooter =
    "With an exit status other than 0 the task fails (Activity.Failed), with the end of the program's stderr as its "
    "cause.\n"
    "While the program runs the server is told so; when nobody waits for the task any more, the program is killed.\n"
    "The program's environment is this one without FLOWSTONE_*, and FLOWSTONE_RUN_ID, FLOWSTONE_IDEMPOTENCY_KEY (the "
    "same\n"
    "for every attempt at the task) and FLOWSTONE_ATTEMPT (from 0).\n"
    "SIGINT and SIGTERM: it takes nothing more, and ends when what it holds is done; a second signal ends it at once.\n"
    "A server that is away is waited for.\n\n"
    "Examples:\n"
    "  flowstone worker --activity resize -- ./resize.sh\n"
    "  flowstone worker --activity sum --concurrency 4 -- jq '{sum: (.a + .b)}'";

constexpr std::chrono::milliseconds kLookInterval{100};

struct WorkerOptions {
  WorkOptions work;
  std::uint64_t tasks = 0;
  std::shared_ptr<ServerOptions> server{};
};

std::string default_name() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) std::strcpy(host.data(), "worker");
  return fmt::format("{}:{}", host.data(), ::getpid());
}

int run_worker(WorkerOptions& options) {
  if (options.work.command.empty()) {
    fail("worker needs a program: flowstone worker --activity NAME -- PROGRAM [ARGUMENTS]");
    return kUsage;
  }
  options.work.client = options.server->client;
  if (options.work.name.empty()) options.work.name = default_name();
  if (options.tasks > 0) options.work.tasks = options.tasks;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  Work work(options.work);
  bool told = false;
  while (!work.wait(kLookInterval)) {
    const timespec at_once{};
    if (told || ::sigtimedwait(&signals, nullptr, &at_once) < 0) continue;
    told = true;
    work.stop();
    ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  }
  const auto refused = work.refused();
  return refused ? fail(*refused) : kDone;
}

}  // namespace

void add_worker(CLI::App& app, Choice& choice) {
  auto options = std::make_shared<WorkerOptions>();
  auto* command = app.add_subcommand("worker", kDescription);
  command->footer(kFooter);
  command->add_option("--activity", options->work.activity, "Which tasks: their `Activity`")->required();
  command->add_option("--concurrency", options->work.at_once, "Tasks at a time")
      ->capture_default_str()
      ->check(CLI::Range(1, 256));
  command->add_option("--name", options->work.name, "What the runs call this worker; otherwise host and process");
  command->add_option("--tasks", options->tasks, "End after so many tasks; otherwise go on until stopped")
      ->check(CLI::Range(1, 1'000'000'000));
  command->add_option("program", options->work.command, "The program and its arguments, after `--`");
  command->positionals_at_end();
  options->server = add_server_options(*command);
  command->callback([options, &choice] { choice.run = [options] { return run_worker(*options); }; });
}

}  // namespace flowstone::cli
