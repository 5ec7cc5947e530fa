#include "cli/serve/setting_flags.hpp"

#include <cstdlib>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

namespace flowstone::cli {

std::shared_ptr<SettingSources> add_setting_flags(CLI::App& command) {
  auto sources = std::make_shared<SettingSources>();
  sources->environment = [](const std::string& variable) {
    return std::getenv(variable.c_str());
  };  // NOLINT(concurrency-mt-unsafe): before any thread
  const Settings defaults;
  for (const auto& setting : setting_table()) {
    const std::string name(setting.name);
    const auto keep = [sources, name](const std::string& text) { sources->flags[name] = text; };
    if (std::holds_alternative<bool Settings::*>(setting.member)) {
      const bool on = value_of(setting, defaults) == "true";
      const auto flag = on ? fmt::format("{},!--no-{}", setting.flag(), setting.flag().substr(2)) : setting.flag();
      command.add_flag_function(
          flag, [sources, name](std::int64_t count) { sources->flags[name] = count > 0 ? "true" : "false"; },
          fmt::format("{} ({})", setting.help, setting.environment()));
      continue;
    }
    const auto value = value_of(setting, defaults);
    command.add_option_function<std::string>(
        setting.flag(), keep,
        fmt::format("{} ({}{}{})", setting.help, setting.environment(), value.empty() ? "" : ", otherwise ", value));
  }
  command.add_option("--config", sources->file, "TOML file with settings (FLOWSTONE_CONFIG)");
  return sources;
}

}  // namespace flowstone::cli
