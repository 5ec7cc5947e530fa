#include "eventstore/submission_queue.hpp"

#include <algorithm>

namespace flowstone::eventstore {
namespace {

// A quarter of a sync. Longer costs latency, shorter gathers nothing.
constexpr std::chrono::microseconds kGather{50};
// With more than this in a batch waiting longer gains nothing.
constexpr std::size_t kWorthGathering = 256;

}  // namespace

SubmissionQueue::Put SubmissionQueue::put(Submission& submission) {
  const std::size_t cost = submission.cost();
  bool wake = false;
  {
    const std::lock_guard guard(mutex_);
    if (closed_) return Put::closed;
    if (bytes_ > 0 && bytes_ + cost > bytes_at_most_) return Put::full;
    bytes_ += cost;
    waiting_.push_back(std::move(submission));
    wake = waiting_.size() == wake_at_;
  }
  if (wake) changed_.notify_one();
  return Put::queued;
}

bool SubmissionQueue::take(std::vector<Submission>& batch, std::size_t expected) {
  std::unique_lock lock(mutex_);
  wake_at_ = 1;
  changed_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
  if (expected > waiting_.size() && expected <= kWorthGathering && !closed_) {
    wake_at_ = expected;
    changed_.wait_for(lock, kGather, [&] { return closed_ || waiting_.size() >= expected; });
  }
  wake_at_ = 1;
  batch.clear();
  std::swap(batch, waiting_);
  return !batch.empty();
}

void SubmissionQueue::release(std::size_t bytes) {
  const std::lock_guard guard(mutex_);
  bytes_ -= bytes;
}

void SubmissionQueue::close() {
  const std::lock_guard guard(mutex_);
  closed_ = true;
  changed_.notify_all();
}

std::size_t SubmissionQueue::bytes() const {
  const std::lock_guard guard(mutex_);
  return bytes_;
}

}  // namespace flowstone::eventstore
