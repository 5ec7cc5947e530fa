#include "workers/trigger_worker.hpp"

#include <algorithm>
#include <exception>
#include <pthread.h>

#include <spdlog/spdlog.h>

namespace flowstone::workers {
namespace {

constexpr std::chrono::milliseconds kPatience{500};
constexpr std::chrono::milliseconds kShortestDelay{1'000};
constexpr std::chrono::milliseconds kLongestDelay{60'000};

// What throws has failed too.
template <class Work>
Result<void, std::string> attempt(const Work& work) {
  try {
    return work();
  } catch (const std::exception& error) {
    return failure(std::string(error.what()));
  }
}

}  // namespace

TriggerWorker::TriggerWorker(TriggerServices services)
    : services_(services), triggers_(services), thread_([this](const std::stop_token& stop) {
        ::pthread_setname_np(::pthread_self(), "triggers");
        follow(stop);
      }) {}

bool TriggerWorker::wait_for(Position position, std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return moved_.wait_for(lock, patience, [&] { return done_ >= position; });
}

void TriggerWorker::tell() {
  const std::lock_guard lock(mutex_);
  done_ = triggers_.done();
  moved_.notify_all();
}

// Until the log moves, or something is due.
void TriggerWorker::rest(const std::stop_token& stop, std::chrono::milliseconds longest) {
  const auto due = triggers_.next_due();
  auto patience = longest;
  if (due) {
    const auto ahead = std::chrono::ceil<std::chrono::milliseconds>(*due - services_.clock.now());
    // What is due and waits for a run's end is looked at again now and then.
    if (ahead > std::chrono::milliseconds(0)) patience = std::min(patience, ahead);
  }
  services_.store.wait_beyond(triggers_.done(), patience, stop);
}

void TriggerWorker::follow(const std::stop_token& stop) {
  bool taken_up = false;
  auto delay = kShortestDelay;
  while (!stop.stop_requested()) {
    const auto done = attempt([&] { return taken_up ? triggers_.look(stop) : triggers_.take_up(stop); });
    if (done) {
      delay = kShortestDelay;
      if (taken_up) {
        tell();
        rest(stop, kPatience);
      }
      taken_up = true;
      continue;
    }
    spdlog::error("triggers: {}; again in {} ms", done.error(), delay.count());
    taken_up = false;
    std::unique_lock lock(mutex_);
    moved_.wait_for(lock, stop, delay, [] { return false; });
    delay = std::min(delay * 2, kLongestDelay);
  }
  if (!taken_up) return;
  if (const auto done = attempt([&] { return triggers_.finish(); }); !done) spdlog::error("triggers: {}", done.error());
}

}  // namespace flowstone::workers
