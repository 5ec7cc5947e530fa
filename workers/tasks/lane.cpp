#include "workers/tasks/lane.hpp"

#include <exception>
#include <utility>

#include <spdlog/spdlog.h>

#include "workers/tasks/arguments.hpp"

namespace flowstone::workers {

struct Lane::Job {
  Job(TaskCall what, TaskHandler::Done then) : call(std::move(what)), done(std::move(then)) {}

  const TaskCall call;
  TaskHandler::Done done;
  std::stop_source stop{};
  std::optional<Jobs::iterator> place = {};  // where it waits
};

Lane::~Lane() {
  std::unordered_multimap<std::string, std::shared_ptr<Job>> under_way;
  std::vector<std::jthread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    under_way.swap(by_key_);
    threads.swap(threads_);
  }
  arrived_.notify_all();
  for (auto& [key, job] : under_way) job->stop.request_stop();
  threads.clear();
}

void Lane::add(TaskCall call, TaskHandler::Done done) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    if (waiting_.size() < limits_.waiting) {
      auto job = std::make_shared<Job>(std::move(call), std::move(done));
      job->place = waiting_.insert(waiting_.end(), job);
      by_key_.emplace(job->call.key, job);
      if (idle_ < waiting_.size() && threads_.size() < limits_.at_once) threads_.emplace_back([this] { serve(); });
      arrived_.notify_one();
      return;
    }
  }
  done(failed("Task.Busy", "Too many tasks of this kind are waiting at the moment."));
}

void Lane::cancel(const std::string& key) {
  std::vector<std::shared_ptr<Job>> cancelled;
  {
    const std::lock_guard lock(mutex_);
    const auto [begin, end] = by_key_.equal_range(key);
    for (auto at = begin; at != end; ++at) {
      if (at->second->place) waiting_.erase(*std::exchange(at->second->place, std::nullopt));
      cancelled.push_back(at->second);
    }
    by_key_.erase(begin, end);
  }
  for (const auto& job : cancelled) job->stop.request_stop();
}

void Lane::serve() {
  while (const auto job = next()) {
    auto outcome = carry_out(*job);
    forget(job);
    if (outcome && !job->stop.stop_requested()) job->done(*std::move(outcome));
  }
}

std::shared_ptr<Lane::Job> Lane::next() {
  std::unique_lock lock(mutex_);
  ++idle_;
  arrived_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
  --idle_;
  if (stopping_) return nullptr;
  auto job = std::move(waiting_.front());
  waiting_.pop_front();
  job->place.reset();
  return job;
}

std::optional<TaskOutcome> Lane::carry_out(const Job& job) const {
  try {
    return work_(job.call, job.stop.get_token());
  } catch (const std::exception& error) {
    spdlog::error("task {} of run {}: {}", job.call.resource, job.call.run_id, error.what());
    return failed("Task.Failed", "The task could not be carried out; the server's log says why.");
  }
}

void Lane::forget(const std::shared_ptr<Job>& job) {
  const std::lock_guard lock(mutex_);
  const auto [begin, end] = by_key_.equal_range(job->call.key);
  for (auto at = begin; at != end; ++at) {
    if (at->second != job) continue;
    by_key_.erase(at);
    return;
  }
}

}  // namespace flowstone::workers
