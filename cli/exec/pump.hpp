// Passes one of a child's output streams through to ours, unaltered and at once, and shows it to the recorder.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>

#include "cli/exec/child.hpp"

namespace flowstone::cli {

// Order: what is read is written to `to` first, then seen by `see`, on the pump's own thread.
// If `to` is closed by its reader, `from` is closed too, so that the program learns of it just as without us.
class Pump {
 public:
  using See = std::function<void(std::string_view bytes)>;

  Pump(Descriptor from, int to, See see);
  // Stops, then waits for the thread.
  ~Pump();
  Pump(const Pump&) = delete;
  Pump& operator=(const Pump&) = delete;

  // Returns when everything that was in the stream when it was called was seen, or after `patience`. Any thread but the
  // pump's own.
  void wait_until_seen(std::chrono::milliseconds patience);
  // Passes on what is there already and ends, although others may still hold the stream open.
  void stop();
  // Becomes readable when the stream has ended.
  [[nodiscard]] int ended() const { return ended_.get(); }

 private:
  void run();
  // What is there, without waiting; nothing at the stream's end.
  std::string_view take(std::string& buffer);
  bool pass_on(std::string_view bytes) const;

  std::mutex mutex_;  // of the next four
  std::condition_variable seen_changed_;
  Descriptor from_;
  std::uint64_t taken_ = 0, seen_ = 0;  // bytes
  int to_;
  See see_;
  Descriptor stop_, ended_;  // eventfds
  std::thread thread_;
};

}  // namespace flowstone::cli
