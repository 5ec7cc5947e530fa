#include "cli/serve/disk_probe.hpp"

#include <chrono>
#include <fcntl.h>
#include <linux/magic.h>
#include <string>
#include <sys/vfs.h>
#include <unistd.h>

#include <fmt/core.h>

namespace flowstone::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kMeasureFor{50};
// Faster than any disk that waits for its medium: the best drives with power-loss protection reach about 60,000.
constexpr double kImplausible = 100'000;

bool is_memory(const std::filesystem::path& directory) {
  struct statfs about{};
  if (::statfs(directory.c_str(), &about) != 0) return false;
  return about.f_type == TMPFS_MAGIC || about.f_type == RAMFS_MAGIC;
}

double measure(int file) {
  const std::string page(4096, 'f');
  const auto start = Clock::now();
  int syncs = 0;
  while (Clock::now() - start < kMeasureFor) {
    if (::pwrite(file, page.data(), page.size(), 0) < 0 || ::fdatasync(file) != 0) return 0;
    ++syncs;
  }
  return syncs / std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

DiskProbe probe_disk(const std::filesystem::path& directory) {
  DiskProbe probe;
  const auto path = directory / "sync-probe";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);  // NOLINT: POSIX
  if (file < 0) return probe;
  probe.syncs_per_second = measure(file);
  ::close(file);
  ::unlink(path.c_str());
  if (is_memory(directory)) {
    probe.warning = fmt::format("{} is in memory: everything in it is gone when the machine stops", directory.string());
  } else if (probe.syncs_per_second > kImplausible) {
    probe.warning = fmt::format(
        "the disk of {} claims {:.0f} durable writes a second, which no disk can do: after a power cut acknowledged "
        "events may be missing",
        directory.string(), probe.syncs_per_second);
  }
  return probe;
}

}  // namespace flowstone::cli
