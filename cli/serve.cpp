// `flowstone serve`: the server.
#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "cli/program.hpp"
#include "cli/serve/service.hpp"
#include "cli/serve/setting_flags.hpp"

namespace flowstone::cli {
namespace {

constexpr const char* kDescription =
    "Serve the log, its views and its interface over HTTP. When it serves, stdout says `ready http://HOST:PORT`; log "
    "lines go\n"
    "to stderr. An empty data directory gets a workspace and a key for it in DIR/admin.key; with --demo a demo "
    "workspace with\n"
    "its key in DIR/demo.key.";

constexpr const char* kFooter =
    "SIGINT and SIGTERM stop it in order: requests under way are finished first; a second signal ends it at once.\n"
    "Each setting can also be given in the environment or in the TOML file (docs/configuration.md).\n\n"
    "Example:\n"
    "  flowstone serve --demo --data flowstone-data --listen 127.0.0.1:8080";

int run_serve(const SettingSources& sources) {
  const auto loaded = load_settings(sources);
  if (!loaded) {
    fail(loaded.error());
    return kUsage;
  }
  return serve(loaded->settings);
}

}  // namespace

void add_serve(CLI::App& app, Choice& choice) {
  auto* command = app.add_subcommand("serve", kDescription);
  command->footer(kFooter);
  const auto sources = add_setting_flags(*command);
  command->callback([sources, &choice] { choice.run = [sources] { return run_serve(*sources); }; });
}

}  // namespace flowstone::cli
