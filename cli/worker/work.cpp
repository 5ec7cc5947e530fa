#include "cli/worker/work.hpp"

#include <algorithm>

#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "cli/program.hpp"

namespace flowstone::cli {
namespace {

// So long a poll waits for a task: a worker that is told to stop while it waits ends no later.
constexpr int kPollSeconds = 5;
constexpr std::chrono::milliseconds kFirstPause{200};
constexpr std::chrono::milliseconds kLongestPause{10'000};

}  // namespace

Work::Work(WorkOptions options)
    : options_(std::move(options)), left_(options_.tasks.value_or(UINT64_MAX)), going_on_(options_.at_once) {
  for (std::size_t each = 0; each < options_.at_once; ++each) threads_.emplace_back([this] { serve(); });
}

Work::~Work() { stop(); }

void Work::stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
}

bool Work::wait(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [this] { return going_on_ == 0; });
}

std::optional<Refusal> Work::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

void Work::serve() {
  auto client_options = options_.client;
  client_options.attempts = 1;
  auto client = Client::make(client_options);
  if (client) take_tasks(*client);
  const std::lock_guard lock(mutex_);
  if (!client) refused_ = client.error();
  --going_on_;
  changed_.notify_all();
}

void Work::take_tasks(Client& client) {
  const auto question = boost::json::serialize(
      boost::json::object{{"activity", options_.activity}, {"wait_seconds", kPollSeconds}, {"worker", options_.name}});
  int failures = 0;
  while (claim()) {
    const auto answer = client.post_once("/v1/activities/poll", question);
    if (!answer && is_final(answer.error())) {
      const std::lock_guard lock(mutex_);
      refused_ = answer.error();
      stopping_ = true;
      changed_.notify_all();
      return;
    }
    if (!answer) {
      if (failures == 0) fail(fmt::format("{}; trying again", answer.error().sentence));
      put_back();
      pause(failures++);
      continue;
    }
    failures = 0;
    if (const auto task = HeldTask::read(*answer)) {
      perform(*task, options_.command, client);
    } else {
      put_back();
    }
  }
}

bool Work::claim() {
  const std::lock_guard lock(mutex_);
  if (stopping_ || left_ == 0) return false;
  if (options_.tasks) --left_;
  return true;
}

void Work::put_back() {
  const std::lock_guard lock(mutex_);
  if (options_.tasks) ++left_;
}

void Work::pause(int failures) {
  const auto time = std::min(kFirstPause * (1 << std::min(failures, 6)), kLongestPause);
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [this] { return stopping_; });
}

}  // namespace flowstone::cli
