#include "cli/exec/pump.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <poll.h>
#include <string>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace flowstone::cli {
namespace {

constexpr std::size_t kReadBytes = 64 << 10;

void raise_flag(int event) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(event, &one, sizeof one);
}

}  // namespace

Pump::Pump(Descriptor from, int to, See see)
    : from_(std::move(from)),
      to_(to),
      see_(std::move(see)),
      stop_(::eventfd(0, EFD_CLOEXEC)),
      ended_(::eventfd(0, EFD_CLOEXEC)),
      thread_([this] { run(); }) {}

Pump::~Pump() {
  stop();
  thread_.join();
}

void Pump::stop() { raise_flag(stop_.get()); }

void Pump::run() {
  std::string buffer(kReadBytes, '\0');
  std::array<pollfd, 2> waits{pollfd{.fd = from_.get(), .events = POLLIN, .revents = 0},
                              pollfd{.fd = stop_.get(), .events = POLLIN, .revents = 0}};
  for (;;) {
    if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) break;
    if (waits[0].revents == 0 && waits[1].revents != 0) break;
    if (waits[0].revents == 0) continue;
    const std::string_view bytes = take(buffer);
    if (bytes.empty()) break;
    const bool open = pass_on(bytes);
    see_(bytes);
    const std::lock_guard guard(mutex_);
    seen_ += bytes.size();
    seen_changed_.notify_all();
    if (!open) break;
  }
  const std::lock_guard guard(mutex_);
  from_.reset();
  seen_changed_.notify_all();
  raise_flag(ended_.get());
}

std::string_view Pump::take(std::string& buffer) {
  const std::lock_guard guard(mutex_);
  ssize_t got = 0;
  do {
    got = ::read(from_.get(), buffer.data(), buffer.size());
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return {};  // EIO is a pseudo-terminal's way to say that it ended
  taken_ += static_cast<std::uint64_t>(got);
  return {buffer.data(), static_cast<std::size_t>(got)};
}

void Pump::wait_until_seen(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  int waiting = 0;
  if (from_.get() >= 0) ::ioctl(from_.get(), FIONREAD, &waiting);
  const std::uint64_t all = taken_ + static_cast<std::uint64_t>(waiting);
  seen_changed_.wait_for(lock, patience, [&] { return from_.get() < 0 || seen_ >= all; });
}

bool Pump::pass_on(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto written = ::write(to_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd wait{.fd = to_, .events = POLLOUT, .revents = 0};
      ::poll(&wait, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace flowstone::cli
