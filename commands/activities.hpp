// Tasks that programs outside of the server do, as the rooms above ask for them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "asl/machine.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "commands/executor.hpp"

namespace flowstone::commands {

// A task that waits for a worker, or was handed to one.
struct ActivityOffer {
  std::string token;  // of the attempt; the same after a restart
  std::string workspace, activity;
  std::string run_id, path, state;
  std::uint64_t attempt = 0;
  std::string key;  // names the effect: the same for every attempt
  asl::Value input;
  Timestamp scheduled_at;
  std::optional<Timestamp> deadline;
  double heartbeat_seconds = 0;  // 0: nobody expects any
};

struct ActivityPoll {
  std::string workspace, activity;
  std::string worker;  // who asks
};

// What a worker says of a task.
struct ActivityWord {
  asl::TaskReport::Kind kind = asl::TaskReport::Kind::heartbeat;
  std::string worker = {};                            // of started: who does it
  asl::Value output = {};                             // of succeeded
  std::optional<std::string> error = {}, cause = {};  // of failed
};

// Order: of one workspace and activity, who asked first gets the task that has waited longest.
// Durability: that work on a task began is in the log before anybody is handed it; what is told as done is, too.
// Threads: every member may be called from any thread and does not block. What it is given to call is called exactly
// once, on a thread that must not be blocked, and may be before the member returns.
class Activities {
 public:
  // Nothing: the poll was left before a task came.
  using Polled = Result<std::optional<ActivityOffer>, CommandError>;
  using Answer = std::move_only_function<void(Polled)>;
  using Done = std::move_only_function<void(CommandResult)>;

  virtual ~Activities() = default;

  // Waits until there is a task, and as long as the poll is not left. The number names the poll.
  virtual std::uint64_t poll(ActivityPoll poll, Answer answer) = 0;
  // Nobody waits for the poll any more: it is answered soon, with nothing or with what is on its way to it.
  virtual void leave(std::uint64_t poll) = 0;
  // Nobody got what was handed out: it is the next to be.
  virtual void give_back(ActivityOffer offer) = 0;
  // Rejected (`task_not_out`) if it comes too late or again, and (`task_not_found`) if the token is none.
  virtual void report(const std::string& workspace, const std::string& token, ActivityWord word, Done done) = 0;
};

}  // namespace flowstone::commands
