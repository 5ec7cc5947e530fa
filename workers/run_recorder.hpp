// Records what the server does itself as a run, in the vocabulary of every run.
//
// After a crash the work is done again from its beginning, and the record goes on where it stopped: neither a step that
// had finished nor a line is told twice. Work must therefore say the same lines again.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "commands/executor.hpp"
#include "schemas/run_generated.h"

namespace flowstone::workers {

// The executor's answer in a sentence.
std::string sentence_of(const commands::CommandError& error);

// Threads: one at a time. Lifetime: executor and clock outlive it.
class RunRecorder {
 public:
  RunRecorder(commands::Executor& executor, const Clock& clock, std::string workspace, std::string run_id,
              std::string actor);

  // Where the run stands; starts it if nobody did. False: it has ended, and whatever is told is dropped.
  Result<bool, std::string> open();
  // True once somebody asked for the run to stop. Looks again.
  Result<bool, std::string> cancel_requested();

  void begin_step(std::string_view step);
  void line(std::string text);
  void end_step();
  void complete();
  void fail(std::string error);
  void cancel();
  // Sends what was recorded; also done now and then by itself, and an error of that is told by the next call.
  Result<void, std::string> flush();
  // What was recorded and not sent, as a command: to be appended together with what it tells of, so that no crash comes
  // between the two.
  std::optional<commands::Command> take();

 private:
  schemas::RunEventInputT& add(schemas::RunEventKind kind);
  void close(schemas::RunEventKind kind, std::string error);
  Result<std::unique_ptr<schemas::RunT>, std::string> read();

  commands::Executor& executor_;
  const Clock& clock_;
  const std::string workspace_, run_id_, actor_;
  std::set<std::string, std::less<>> finished_;  // steps told before
  std::string running_;                          // the step told as begun
  std::string step_;
  bool told_ = false;             // the present step was told before: it stays quiet
  bool ended_ = false;            // the run has: nothing is told any more
  std::string broken_;            // why lines could not be sent
  std::uint64_t told_lines_ = 0;  // of the running step, by the recorder before this one
  std::uint64_t sequence_ = 0;
  Timestamp began_;
  std::vector<std::unique_ptr<schemas::RunEventInputT>> buffered_;
};

}  // namespace flowstone::workers
