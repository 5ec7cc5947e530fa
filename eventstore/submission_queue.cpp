#include "eventstore/submission_queue.hpp"

#include <algorithm>

namespace flowstone::eventstore {
namespace {

// A slice of waiting for more. Shorter ones are lost in the cost of waking.
constexpr std::chrono::microseconds kSlice{30};
// With more than this in a batch a sync costs little an append.
constexpr std::size_t kWorthGathering = 256;

}  // namespace

SubmissionQueue::Put SubmissionQueue::put(Submission& submission) {
  const std::size_t cost = submission.cost();
  const std::lock_guard guard(mutex_);
  if (closed_) return Put::closed;
  if (bytes_ > 0 && bytes_ + cost > bytes_at_most_) return Put::full;
  bytes_ += cost;
  waiting_.push_back(std::move(submission));
  // Under the lock: once it is let go, the append may be answered and the queue's life may end.
  if (waiting_.size() == wake_at_) changed_.notify_one();
  return Put::queued;
}

bool SubmissionQueue::take(std::vector<Submission>& batch) {
  std::unique_lock lock(mutex_);
  const auto round = std::chrono::steady_clock::now() - taken_;
  // Whoever was just answered probably has a next one; `round` is what a commit costs.
  const std::size_t expected = std::min(last_batch_ + waiting_.size(), kWorthGathering);
  wake_at_ = 1;
  changed_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
  while (!closed_ && waiting_.size() < expected) {
    const std::size_t before = waiting_.size();
    wake_at_ = expected;
    changed_.wait_for(lock, kSlice, [&] { return closed_ || waiting_.size() >= expected; });
    // Waiting on pays while it brings a larger share of the batch than the time is of a commit.
    if ((waiting_.size() - before) * round < before * kSlice) break;
  }
  wake_at_ = 1;
  taken_ = std::chrono::steady_clock::now();
  batch.clear();
  std::swap(batch, waiting_);
  last_batch_ = batch.size();
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
