#include "cli/program.hpp"

#include <cstdio>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "cli/json_text.hpp"
#include "cli/terminal.hpp"
#include "flowstone/build.hpp"

namespace flowstone::cli {
namespace {

constexpr const char* kDescription =
    "Flowstone: an event-sourced backend for personal and team work, in one program.\n"
    "Start a server with `flowstone serve --demo`; every other command talks to FLOWSTONE_URL with FLOWSTONE_KEY.";

constexpr const char* kFooter =
    "Exit status: 0 done, 1 refused or failed, 2 wrong usage;\n"
    "exec and watch: the recorded program's own status, 128 + n after signal n.";

// In the order in which help lists them.
void add_commands(CLI::App& app, Choice& choice) {
  for (const auto add :
       {add_serve, add_exec,        add_watch,   add_list,    add_get,      add_do,     add_bundle,    add_replay,
        add_audit, add_projections, add_key,     add_seed,    add_export,   add_import, add_anchor,    add_workflow,
        add_run,   add_worker,      add_openapi, add_jsonata, add_schedule, add_config, add_completion}) {
    add(app, choice);
  }
}

}  // namespace

std::shared_ptr<ServerOptions> add_server_options(CLI::App& command) {
  auto options = std::make_shared<ServerOptions>();
  command.add_option("--url", options->client.url, "Address of the server")
      ->envname("FLOWSTONE_URL")
      ->capture_default_str();
  command.add_option("--key", options->client.key, "API key")->envname("FLOWSTONE_KEY");
  command.add_flag("--json", options->json, "Print JSON for machines");
  return options;
}

int fail(const std::string& sentence) {
  fmt::print(stderr, "{} {}\n", paint("flowstone:", Ink::red, wants_colour(STDERR_FILENO)), sentence);
  return kFailed;
}

int fail(const Refusal& refusal) {
  auto sentence = refusal.sentence;
  if (refusal.status == 0 && refusal.code == "unreachable")
    sentence += "\n  Does `flowstone serve` run there? --url or FLOWSTONE_URL names another address.";
  if (refusal.status == 401)
    sentence += "\n  Give a key with --key or FLOWSTONE_KEY; `flowstone serve` says where it put one.";
  fail(sentence);
  return refusal.code == "usage" ? kUsage : kFailed;
}

Result<Client, int> connect(const ServerOptions& options) {
  auto client = Client::make(options.client);
  if (!client) return failure(fail(client.error()));
  return *std::move(client);
}

void print_json(const boost::json::value& document) { std::puts(json_text(document).c_str()); }

// The command that was reached, and the word behind it that no command has; empty if there is none.
std::string sentence_on_unknown_command(const CLI::App& app) {
  const CLI::App* reached = &app;
  while (!reached->get_subcommands().empty()) reached = reached->get_subcommands().front();
  if (reached->get_require_subcommand_min() == 0) return {};
  for (const auto& word : reached->remaining()) {
    if (word.starts_with('-')) continue;
    std::string known;
    for (const auto* command : reached->get_subcommands([](const CLI::App*) { return true; }))
      known += (known.empty() ? "" : ", ") + command->get_name();
    return fmt::format("there is no command '{}'; there are {}", word, known);
  }
  return {};
}

int run_program(int count, char** arguments) {
  CLI::App app(kDescription, "flowstone");
  app.footer(kFooter);
  app.require_subcommand(1);
  app.set_help_flag("-h,--help", "Print this help");
  app.set_version_flag("--version",
                       fmt::format("flowstone {} ({}, {})", build::version(), build::commit(), build::compiler()));
  Choice choice;
  add_commands(app, choice);

  try {
    app.parse(count, arguments);
    return choice.run();
  } catch (const CLI::ParseError& error) {
    if (const auto sentence = sentence_on_unknown_command(app); !sentence.empty() && error.get_exit_code() != 0) {
      fail(sentence);
      return kUsage;
    }
    const int status = app.exit(error);
    return status == 0 ? kDone : kUsage;
  }
}

}  // namespace flowstone::cli
