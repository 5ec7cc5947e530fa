// The settings as flags of a command.
#pragma once

#include <memory>

#include "cli/serve/settings.hpp"

namespace CLI {
class App;
}

namespace flowstone::cli {

// A flag for each setting, and --config. The sources are filled when the command line is parsed; the environment is the
// process's.
std::shared_ptr<SettingSources> add_setting_flags(CLI::App& command);

}  // namespace flowstone::cli
