#include "bench/disk.hpp"

#include <array>
#include <fcntl.h>
#include <unistd.h>

#include "base/check.hpp"

namespace flowstone::bench {

double syncs_per_second(const std::filesystem::path& directory, std::chrono::milliseconds duration) {
  using SteadyClock = std::chrono::steady_clock;
  const auto path = directory / "syncs";
  const int file = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
  check(file >= 0, "a file can be made in the bench directory");
  const std::array<char, 4096> page{};
  const auto start = SteadyClock::now();
  std::uint64_t count = 0;
  while (SteadyClock::now() - start < duration) {
    check(::write(file, page.data(), page.size()) == ssize_t{page.size()}, "the page is written");
    check(::fdatasync(file) == 0, "the page is synced");
    ++count;
  }
  const std::chrono::duration<double> took = SteadyClock::now() - start;
  ::close(file);
  std::filesystem::remove(path);
  return static_cast<double>(count) / took.count();
}

}  // namespace flowstone::bench
