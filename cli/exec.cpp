// `flowstone exec`: records a program as a run without slowing or altering it.
#include <csignal>
#include <cstring>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "base/time.hpp"
#include "cli/exec/delivery.hpp"
#include "cli/exec/recording.hpp"
#include "cli/exec/sender.hpp"
#include "cli/program.hpp"
#include "cli/terminal.hpp"

namespace flowstone::cli {
namespace {

constexpr const char* kDescription =
    "Run a program and record it as a run: every line as it is printed, stdout and stderr apart, steps, exit code, "
    "signal\n"
    "and duration. The program's output passes through unaltered and never waits for the network: what is recorded "
    "goes to\n"
    "a spool file first, and is delivered when the server can be reached.";

constexpr const char* kFooter =
    "Lines `::step NAME` on the program's stdout begin a step; without any, one step has the program's name.\n"
    "A program that it leaves running in the background does not hold exec up, but what that one prints within two\n"
    "seconds of the end is still passed on and recorded: exec ends so much later while it keeps stdout or stderr "
    "open.\n"
    "Exit status: the program's own; 128 + n if signal n ended it; 126 or 127 if it could not be started.\n\n"
    "Examples:\n"
    "  flowstone exec -- make test\n"
    "  flowstone exec --name nightly --label ci -- sh -c 'echo ::step build; make; echo ::step test; make test'\n"
    "  flowstone exec --deliver ~/.local/state/flowstone/spool/0192...-.spool";

struct ExecOptions {
  RecordingOptions recording;
  std::shared_ptr<ServerOptions> server;
  std::vector<std::string> deliver;
};

int deliver_all(const ExecOptions& options) {
  int status = kDone;
  for (const auto& file : options.deliver) {
    const auto sent = deliver_spool(file, options.server->client, options.recording.deliver_timeout);
    if (!sent) {
      status = fail(sent.error());
    } else {
      fmt::print("{}: delivered, {} events\n", file, *sent);
    }
  }
  return status;
}

int run_exec(ExecOptions& options) {
  if (!options.deliver.empty()) return deliver_all(options);
  if (options.recording.command.empty()) {
    fail("exec needs a program: flowstone exec -- PROGRAM [ARGUMENTS]");
    return kUsage;
  }
  options.recording.client = options.server->client;
  return record_program(options.recording);
}

}  // namespace

void add_exec(CLI::App& app, Choice& choice) {
  auto options = std::make_shared<ExecOptions>();
  auto& recording = options->recording;
  auto* command = app.add_subcommand("exec", kDescription);
  command->footer(kFooter);
  command->add_option("--name", recording.name, "Name of the run; otherwise the command line");
  command->add_option("--label", recording.labels, "Label of the run; may be given again")->take_all();
  command->add_option("--id", recording.run_id, "Id of the run (a UUID); otherwise a fresh one");
  command->add_option("--id-file", recording.id_file, "Write the run's id into this file before the program starts");
  command->add_flag("--step-markers,!--no-step-markers", recording.step_markers,
                    "Let lines `::step NAME` on stdout begin steps (on unless --no-step-markers)");
  command->add_option("--spool", recording.spool, "Directory of spool files")->envname("FLOWSTONE_SPOOL");
  command
      ->add_option("--deliver-timeout", recording.deliver_seconds,
                   "Seconds to go on delivering after the program has ended")
      ->capture_default_str()
      ->check(CLI::Range(0, 86'400));
  command
      ->add_option("--cancel-grace", recording.cancel_grace_seconds,
                   "Seconds between SIGTERM and SIGKILL when the server asks to cancel")
      ->capture_default_str()
      ->check(CLI::Range(0, 86'400));
  command
      ->add_option("--heartbeat-timeout", recording.heartbeat_seconds,
                   "The server counts the run as lost when it hears nothing for so many seconds")
      ->capture_default_str()
      ->check(CLI::Range(1, 86'400));
  command
      ->add_option("--deliver", options->deliver,
                   "Deliver spool files that were left behind, instead of running anything")
      ->type_name("SPOOL");
  command->add_option("program", recording.command, "The program and its arguments, after `--`");
  command->positionals_at_end();
  options->server = add_server_options(*command);
  command->callback([options, &choice] {
    options->recording.deliver_timeout = std::chrono::seconds(options->recording.deliver_seconds);
    choice.run = [options] { return run_exec(*options); };
  });
}

}  // namespace flowstone::cli
