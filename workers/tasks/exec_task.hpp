// `flowstone:exec`: a program of this machine, if the operator allows it by name (docs/tasks.md).
//
// Without a shell, in a process group of its own in `/`, with an environment of a few names; the whole group is killed
// when the program ends, at its time's end and when it is cancelled. It runs with the server's rights.
//
// Threads, Limits: those of a lane (workers/tasks/lane.hpp), one thread a program. Output and errors are cut at 64 KiB.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "workers/tasks/lane.hpp"

namespace flowstone::workers {

using Programs = std::map<std::string, std::string, std::less<>>;  // by name: an absolute path

// From "NAME=/absolute/path". The error is a sentence. Names are of letters, digits, `.`, `_` and `-`, at most 80.
Result<Programs, std::string> read_programs(const std::vector<std::string>& lines);

class ExecTask final : public TaskHandler {
 public:
  ExecTask(Programs programs, LaneLimits limits);

  void perform(TaskCall call, Done done) override { lane_.add(std::move(call), std::move(done)); }
  void cancel(const std::string& key) override { lane_.cancel(key); }

 private:
  std::optional<TaskOutcome> run(const TaskCall& call, const std::stop_token& stop) const;

  const Programs programs_;
  Lane lane_;
};

}  // namespace flowstone::workers
