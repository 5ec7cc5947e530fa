#include "jsonata/meter.hpp"

#include <atomic>

#include "jsonata/failure.hpp"

namespace flowstone::jsonata {
namespace {

constexpr std::uint64_t kLookEvery = 1024;  // steps

thread_local Meter* running = nullptr;
std::atomic<std::uint64_t> next_id{1};

const char* stack_here() { return static_cast<const char*>(__builtin_frame_address(0)); }

}  // namespace

Meter::Meter(const Limits& limits)
    : limits_(limits), outer_(running), id_(next_id.fetch_add(1, std::memory_order_relaxed)), stack_(stack_here()) {
  running = this;
}

Meter::~Meter() { running = outer_; }

void Meter::look_around() {
  next_look_ = steps_ + kLookEvery;
  if (steps_ > limits_.steps) fail_budget("more steps than allowed");
  if (limits_.expired && limits_.expired()) fail_budget("more time than allowed");
}

void spend(std::uint64_t steps) {
  Meter* meter = running;
  if (meter == nullptr) return;
  meter->steps_ += steps;
  if (meter->steps_ >= meter->next_look_ || meter->steps_ > meter->limits_.steps) meter->look_around();
}

void admit(std::size_t bytes) {
  const Meter* meter = running;
  if (meter == nullptr) return;
  if (bytes > meter->limits_.memory || meter->bytes_ + bytes > meter->limits_.memory)
    fail_budget("more memory than allowed");
}

std::uint64_t charge(std::size_t bytes) {
  Meter* meter = running;
  if (meter == nullptr) return 0;
  admit(bytes);
  meter->bytes_ += bytes;
  return meter->id_;
}

void discharge(std::uint64_t id, std::size_t bytes) noexcept {
  if (Meter* meter = running; meter != nullptr && meter->id_ == id) meter->bytes_ -= bytes;
}

Level::Level() : meter_(running) {
  if (meter_ == nullptr) return;
  spend(1);
  if (meter_->depth_ >= meter_->limits_.depth) fail_budget("deeper nesting than allowed");
  if (static_cast<std::size_t>(meter_->stack_ - stack_here()) > meter_->limits_.stack)
    fail_budget("more stack than allowed");
  ++meter_->depth_;
}

Level::~Level() {
  if (meter_ != nullptr) --meter_->depth_;
}

}  // namespace flowstone::jsonata
