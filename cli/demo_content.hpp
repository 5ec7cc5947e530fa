// What a demo workspace holds: a few intents and tasks, and one finished run. Ids and command ids are fixed, so that
// seeding again changes nothing.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace flowstone::cli {

struct DemoCommand {
  std::string_view command_id;  // fixed: carried out once
  std::string_view command;     // "create_task"
  std::string_view id;          // of the entity
  std::string_view json;        // its body
};

std::span<const DemoCommand> demo_commands();

// What `flowstone exec -- make test` would have recorded in the demo's run if it had ended at `end`; to be carried out
// last.
constexpr std::string_view kDemoRun = "01920000-0000-7000-8000-000000000021";
std::string demo_run_events(Timestamp end);

}  // namespace flowstone::cli
