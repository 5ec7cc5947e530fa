// `flowstone config`: the settings in effect, and where each comes from.
#include <cstdlib>

#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <fmt/core.h>

#include "cli/program.hpp"
#include "cli/serve/setting_flags.hpp"
#include "cli/terminal.hpp"

namespace flowstone::cli {
namespace {

struct ConfigOptions {
  std::shared_ptr<SettingSources> sources;
  bool json = false, markdown = false;
};

int run_config(const ConfigOptions& options) {
  if (options.markdown) {
    fmt::print("{}", settings_markdown());
    return kDone;
  }
  const auto loaded = load_settings(*options.sources);
  if (!loaded) {
    fail(loaded.error());
    return kUsage;
  }
  if (options.json) {
    boost::json::object document;
    for (const auto& setting : setting_table()) {
      document[setting.name] = {{"value", value_of(setting, loaded->settings)},
                                {"from", loaded->origins.find(setting.name)->second}};
    }
    print_json(document);
    return kDone;
  }
  TextTable table({"SETTING", "VALUE", "FROM", "MEANING"});
  for (const auto& setting : setting_table()) {
    table.add({std::string(setting.name), value_of(setting, loaded->settings),
               loaded->origins.find(setting.name)->second, std::string(setting.help)});
  }
  table.print();
  return kDone;
}

}  // namespace

void add_config(CLI::App& app, Choice& choice) {
  auto options = std::make_shared<ConfigOptions>();
  auto* command = app.add_subcommand(
      "config",
      "Print the settings that `flowstone serve` would use with these flags, this environment and this file.");
  options->sources = add_setting_flags(*command);
  command->add_flag("--json", options->json, "Print JSON for machines");
  command->add_flag("--markdown", options->markdown, "Print docs/configuration.md");
  command->callback([options, &choice] { choice.run = [options] { return run_config(*options); }; });
}

}  // namespace flowstone::cli
