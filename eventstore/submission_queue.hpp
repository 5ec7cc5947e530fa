// Appends waiting for the sequencer.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

#include "eventstore/submission.hpp"

namespace flowstone::eventstore {

// Threads: `put` and `close` from any; `take` from one.
// Limits: `bytes_at_most` over everything put and not yet released; one submission is always taken when nothing waits.
class SubmissionQueue {
 public:
  explicit SubmissionQueue(std::size_t bytes_at_most) : bytes_at_most_(bytes_at_most) {}

  enum class Put : std::uint8_t { queued, full, closed };
  // Moves from `submission` only if it was queued.
  Put put(Submission& submission);

  // Everything that waits, in order. Waits for something; then a little longer as long as more keeps coming from those
  // whose last append was just answered, since one sync for all is cheaper. False once closed and empty.
  bool take(std::vector<Submission>& batch);
  // The submissions of so many bytes are done with.
  void release(std::size_t bytes);
  void close();

  [[nodiscard]] std::size_t bytes() const;

 private:
  const std::size_t bytes_at_most_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Submission> waiting_;
  std::size_t bytes_ = 0;
  std::size_t wake_at_ = 1;  // as many waiting wake the sequencer
  std::size_t last_batch_ = 0;
  std::chrono::steady_clock::time_point taken_;  // when the last batch was
  bool closed_ = false;
};

}  // namespace flowstone::eventstore
