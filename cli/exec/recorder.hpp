// Turns what happens in a program into spool records: lines, steps, heartbeats, the end.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "cli/exec/line_splitter.hpp"
#include "cli/exec/spool.hpp"

namespace flowstone::cli {

// How a program ended.
struct Ending {
  std::optional<std::int32_t> exit_code{};  // unless a signal ended it
  std::string signal{};                     // "SIGKILL"
  std::string error{};                      // why it could not even be started
  bool cancelled = false;                   // the server had asked for it
  std::chrono::milliseconds duration{};

  // What a shell would return: the exit code, or 128 + the signal's number.
  [[nodiscard]] int status() const;
};

// Threads: every member may be called from any thread; calls with one stream's output come from one thread at a time.
// Limits: at most 1,000 steps begin; further markers are recorded as lines.
class Recorder {
 public:
  static constexpr std::size_t kSteps = 1000;

  // `default_step` names the step of output that is printed before the first marker.
  Recorder(SpoolWriter spool, std::string default_step, bool step_markers, const Clock& clock);

  void started();
  void output(bool is_error_stream, std::string_view bytes);
  // Records what has waited for its line end since the call before: to be called now and then.
  void flush_waiting();
  // Records a heartbeat if nothing else was recorded for `quiet`.
  void heartbeat_after(std::chrono::milliseconds quiet);
  // The last record. Nothing may be recorded afterwards.
  void ended(const Ending& ending);

  // Waits until the spool has more than `bytes`, or until `timeout`; true if it has.
  bool wait_beyond(std::uint64_t bytes, std::chrono::milliseconds timeout);

  // Bytes of output that a full disk kept from being recorded, and what the disk said.
  struct Loss {
    std::uint64_t bytes = 0;
    std::string reason;
  };
  [[nodiscard]] Loss loss() const;

 private:
  void line(bool is_error_stream, LinePiece piece);
  bool begins_step(std::string_view line) const;
  void begin_step(std::string_view name);
  void finish_step(const Ending* ending);
  void add(const SpoolRecord& record);
  void commit(std::size_t output_bytes);

  const Clock& clock_;
  const std::string default_step_;
  const bool step_markers_;

  mutable std::mutex mutex_;
  std::condition_variable grown_;
  SpoolWriter spool_;
  LineSplitter out_, err_;
  std::size_t waiting_before_ = 0;  // bytes put in when `flush_waiting` last looked
  std::size_t taken_ = 0;
  bool out_line_open_ = false;  // the last piece of stdout was partial: what comes is no start of a line
  std::map<std::string, int, std::less<>> step_names_;
  std::uint16_t step_ = 0;  // ordinal of the step under way
  bool step_open_ = false;
  std::chrono::steady_clock::time_point last_record_;
  Timestamp now_;  // of what is being recorded: one look at the clock for all lines that were read together
  Loss loss_;
};

}  // namespace flowstone::cli
