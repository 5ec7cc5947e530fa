#include "api/blocking_pool.hpp"

#include <algorithm>
#include <sys/prctl.h>
#include <utility>

namespace flowstone::api {

BlockingPool::BlockingPool(std::size_t threads) {
  threads = std::max<std::size_t>(threads, 1);
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
}

BlockingPool::~BlockingPool() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  arrived_.notify_all();
}

void BlockingPool::run(std::move_only_function<void()> work) {
  const std::lock_guard guard(mutex_);
  queue_.push_back(std::move(work));
  // Under the lock: once it is let go, the work may be done and the pool's life may end.
  if (idle_ > 0) arrived_.notify_one();
}

std::size_t BlockingPool::queued() const {
  const std::lock_guard guard(mutex_);
  return queue_.size();
}

void BlockingPool::serve() {
  prctl(PR_SET_NAME, "blocking");
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    arrived_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    --idle_;
    if (queue_.empty()) return;
    auto work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
  }
}

}  // namespace flowstone::api
