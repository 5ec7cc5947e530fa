// What a new data directory starts with: a workspace and a key to enter it; and the demo workspace.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/identifier.hpp"
#include "base/result.hpp"
#include "commands/executor.hpp"
#include "eventstore/store.hpp"

namespace flowstone::cli {

// Carries out commands given as JSON, as the system itself, each under a command id of its own: done twice, done once.
class Founder {
 public:
  Founder(commands::Executor& executor, IdSource& ids) : executor_(executor), ids_(ids) {}

  // The entity's id, or why not.
  Result<std::string, std::string> carry_out(const std::string& workspace, const std::string& command_id,
                                             std::string_view command, const std::string& id, std::string_view json);
  // Founds a workspace under this id, if it is not there.
  Result<void, std::string> found_workspace(const std::string& workspace, std::string_view name);
  // Makes a key with these roles and keeps its text in `file` (mode 0600); does nothing if the file is there.
  Result<void, std::string> keep_key(const std::string& workspace, std::string_view name,
                                     const std::vector<std::string>& roles, const std::filesystem::path& file);

 private:
  commands::Executor& executor_;
  IdSource& ids_;
};

// In an empty store: workspace "Default" and DIR/admin.key with every role.
Result<void, std::string> found_default(Founder& founder, IdSource& ids, const std::filesystem::path& directory);

constexpr std::string_view kDemoWorkspace = "01920000-0000-7000-8000-00000000de30";
// Workspace "Demo", DIR/demo.key with the roles admin, auditor and operator, a few intents and tasks, and one finished
// run.
Result<void, std::string> found_demo(Founder& founder, const Clock& clock, const std::filesystem::path& directory);

}  // namespace flowstone::cli
