// The commands that cannot be sent as they stand: the server adds what their sender cannot know, such as a key's
// secret, where a quote stands, what the evidence says, the workflow that carries a rule out. Whoever carries out
// commands by their names refuses these.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace flowstone::commands {

inline constexpr std::array<std::string_view, 10> kCompletedByServer = {
    "create_api_key", "create_evidence",   "place_evidence",    "confirm_insight",   "amend_insight",
    "pin_to_canvas",  "create_automation", "update_automation", "enable_automation", "disable_automation"};

constexpr bool is_completed_by_server(std::string_view command) {
  return std::ranges::find(kCompletedByServer, command) != kCompletedByServer.end();
}

}  // namespace flowstone::commands
