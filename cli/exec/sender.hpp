// The thread that delivers a spool while it grows.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "base/locked.hpp"
#include "cli/exec/delivery.hpp"
#include "cli/exec/recorder.hpp"

namespace flowstone::cli {

// Retries for ever, with pauses from 0.1 to 5 seconds, until `give_up_after` or the destructor ends it.
class Sender {
 public:
  // `cancel` is called once, on the sender's thread, when the server asks for the run to stop.
  Sender(Delivery delivery, Recorder& recorder, std::function<void()> cancel);
  ~Sender();
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  // The program has ended: waits until the server has everything, at most so long. True if it has.
  bool finish(std::chrono::milliseconds patience);
  // Why the last attempt failed; empty if it did not.
  [[nodiscard]] std::string trouble() const;

 private:
  using Clock = std::chrono::steady_clock;
  void run();
  bool step();
  void pause();

  Delivery delivery_;
  Recorder& recorder_;
  std::function<void()> cancel_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> program_ended_{false};
  std::atomic<Clock::duration> patience_{Clock::duration::zero()};
  std::atomic<bool> delivered_{false};
  Locked<std::string> trouble_;
  Clock::time_point next_look_;
  int failures_ = 0;
  std::thread thread_;
};

}  // namespace flowstone::cli
