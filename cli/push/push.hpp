// `flowstone bundle push`: files here become a version there, if they are not one already.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/program.hpp"

namespace flowstone::cli {

struct PushOptions {
  std::vector<std::string> files, exclude;
  std::string name, bundle, message;
  bool watch = false, dry_run = false, force = false;
  std::shared_ptr<ServerOptions> server;
};

// The id of the bundle with this name; empty if there is none. Several are an error.
Result<std::string, Refusal> bundle_named(Client& client, const std::string& name);

// The exit status: that of the run that takes the version in. With `watch` it goes on until it is interrupted.
int run_push(const PushOptions& options);

}  // namespace flowstone::cli
