#include "cli/exec/pump.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <poll.h>
#include <string>
#include <sys/eventfd.h>
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
    const auto got = ::read(from_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;  // the end; EIO is a pseudo-terminal's way to say so
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
    const bool open = pass_on(bytes);
    see_(bytes);
    if (!open) break;
  }
  from_.reset();
  raise_flag(ended_.get());
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
