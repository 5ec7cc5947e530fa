#include "cli/exec/sender.hpp"

#include <algorithm>
#include <utility>

namespace flowstone::cli {
namespace {

constexpr std::chrono::milliseconds kLookEvery{1000};
constexpr std::chrono::milliseconds kNap{50};

// What will be refused again however often it is sent.
bool is_final(const Refusal& refusal) {
  if (refusal.code == kAnotherRecording) return true;
  return refusal.status / 100 == 4 && refusal.status != 408 && refusal.status != 409 && refusal.status != 413 &&
         refusal.status != 425 && refusal.status != 429;
}

}  // namespace

Sender::Sender(Delivery delivery, Recorder& recorder, std::function<void()> cancel)
    : delivery_(std::move(delivery)), recorder_(recorder), cancel_(std::move(cancel)), thread_([this] { run(); }) {}

Sender::~Sender() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

bool Sender::finish(std::chrono::milliseconds patience) {
  patience_ = patience;
  program_ended_ = true;
  thread_.join();
  return delivered_;
}

std::string Sender::trouble() const {
  return trouble_.with([](const std::string& text) { return text; });
}

void Sender::run() {
  std::optional<Clock::time_point> deadline;
  while (!stopping_) {
    if (program_ended_ && !deadline) deadline = Clock::now() + patience_.load();
    if (deadline && Clock::now() > *deadline) return;
    if (!step()) return;
  }
}

// False: there is nothing more to do.
bool Sender::step() {
  const bool was_ended = program_ended_;
  auto progress = delivery_.advance();
  if (progress && progress->sent == 0 && !progress->ended && Clock::now() >= next_look_) {
    progress = delivery_.look();
    next_look_ = Clock::now() + kLookEvery;
  }
  if (!progress) {
    trouble_.with([&](std::string& text) { text = progress.error().sentence; });
    if (was_ended && is_final(progress.error()) && failures_ > 2) return false;
    ++failures_;
    pause();
    return true;
  }
  failures_ = 0;
  trouble_.with([](std::string& text) { text.clear(); });
  if (progress->cancel_requested && cancel_) std::exchange(cancel_, nullptr)();
  if (progress->ended) {
    delivered_ = true;
    return false;
  }
  if (progress->sent == 0) recorder_.wait_beyond(delivery_.consumed_bytes(), kLookEvery / 4);
  return true;
}

// Longer after each failure; broken off when the program ends, so that the last attempts come soon.
void Sender::pause() {
  const auto length =
      std::min(std::chrono::milliseconds(100 << std::min(failures_, 6)), std::chrono::milliseconds(5000));
  const auto until = Clock::now() + length;
  const bool ended_before = program_ended_;
  while (Clock::now() < until && !stopping_ && program_ended_ == ended_before) std::this_thread::sleep_for(kNap);
}

}  // namespace flowstone::cli
