// A task that a worker has taken.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "cli/client.hpp"

namespace flowstone::cli {

struct HeldTask {
  std::string token, run_id, state, key;
  std::uint64_t attempt = 0;
  std::string input;  // JSON
  double heartbeat_seconds = 0;

  // From the answer to a poll; nothing if it has no task.
  static std::optional<HeldTask> read(const boost::json::value& polled);
};

// Runs the program with the task's input as its standard input, and tells the server how it ended: what it printed is
// the output, JSON or else a text; with an exit status other than 0 the task fails, and the end of its errors is the
// cause. Meanwhile the server is told that work goes on; if it says that nobody waits for the task any more, the
// program is killed. A server that is away is told when it is back, up to an hour later.
void perform(const HeldTask& task, const std::vector<std::string>& command, Client& client);

// Whether asking again would be answered alike: the server has said no, and not only for the moment.
bool is_final(const Refusal& refusal);

}  // namespace flowstone::cli
