// Everything that serves, started in order and stopped in reverse.
#pragma once

#include "cli/serve/settings.hpp"

namespace flowstone::cli {

// Serves until SIGINT or SIGTERM; returns the status to exit with. To be called before the process has other threads:
// it blocks both signals in all of them.
int serve(const Settings& settings);

}  // namespace flowstone::cli
