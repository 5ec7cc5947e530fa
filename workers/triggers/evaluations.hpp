// What became of causes, on its way to the log: what ends in the same way for the same reason is told once, with its
// count.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "commands/executor.hpp"
#include "schemas/trigger_generated.h"

namespace flowstone::workers {

// Order: of each trigger, that in which they came. Threads: one at a time.
class Evaluations {
 public:
  static constexpr std::uint64_t kMost = 1'000;  // that one event stands for
  static constexpr std::chrono::seconds kLongest{10};

  void add(const std::string& workspace, const std::string& trigger_id, schemas::RecordTriggerEvaluationT evaluation,
           Timestamp now);
  // What has waited long enough, or everything.
  void release(Timestamp now, bool everything);
  // The commands that are due, which it forgets.
  std::vector<commands::Command> take();
  // Forgets what has not been taken.
  void clear();

 private:
  struct Held {
    std::string workspace;
    schemas::RecordTriggerEvaluationT evaluation;
    Timestamp since;
  };
  void tell(const std::string& trigger_id, const Held& held);

  std::map<std::string, Held> held_;  // by trigger
  std::vector<commands::Command> ready_;
};

}  // namespace flowstone::workers
