#include "eventstore/directory.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

namespace flowstone::eventstore {
namespace {

constexpr std::string_view kFormatName = "flowstone-store";

StoreError io_error(std::string_view what, const std::filesystem::path& path) {
  return {.code = StoreError::Code::io,
          .position = {},
          .detail = fmt::format("{} {}: {}", what, path.string(), std::strerror(errno))};
}

std::string read_all(int file) {
  std::string text(64, '\0');
  const auto size = pread(file, text.data(), text.size(), 0);
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return text.substr(0, text.find('\n'));
}

// Writes a file so that it is there whole or not at all after a crash.
Result<void, StoreError> write_synced(const std::filesystem::path& path, std::string_view text) {
  auto fresh = path;
  fresh += ".new";
  const int file = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return failure(io_error("creating", fresh));
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(file) == 0;
  close(file);
  if (!written || std::rename(fresh.c_str(), path.c_str()) != 0) return failure(io_error("writing", path));
  const int folder = open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = folder >= 0 && fsync(folder) == 0;
  if (folder >= 0) close(folder);
  if (!synced) return failure(io_error("syncing the folder of", path));
  return {};
}

}  // namespace

Result<DirectoryLock, StoreError> DirectoryLock::take(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  const auto path = directory / "LOCK";
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return failure(io_error("opening", path));
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    const std::string owner = read_all(file);
    close(file);
    return failure(StoreError{.code = StoreError::Code::locked,
                              .position = {},
                              .detail = fmt::format("{} is in use by process {}", directory.string(), owner)});
  }
  const std::string pid = fmt::format("{}\n", getpid());
  if (ftruncate(file, 0) != 0 || pwrite(file, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    auto failed = io_error("writing", path);
    close(file);
    return failure(std::move(failed));
  }
  return DirectoryLock(file);
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

DirectoryLock::~DirectoryLock() {
  if (file_ >= 0) close(file_);
}

Result<void, StoreError> check_format(const std::filesystem::path& directory, bool create) {
  const auto path = directory / "FORMAT";
  std::ifstream file(path);
  if (!file) {
    if (create) return write_synced(path, fmt::format("{} {}\n", kFormatName, kStoreFormat));
    return failure(
        StoreError{.code = StoreError::Code::io, .position = {}, .detail = path.string() + " cannot be read"});
  }
  std::string name;
  int version = 0;
  if (!(file >> name >> version) || name != kFormatName || version < 1) {
    return failure(StoreError{
        .code = StoreError::Code::corrupt, .position = {}, .detail = path.string() + " is no store's format"});
  }
  if (version > kStoreFormat) {
    return failure(StoreError{.code = StoreError::Code::newer_format,
                              .position = {},
                              .detail = fmt::format("{} has store format {}; this program knows up to {}",
                                                    directory.string(), version, kStoreFormat)});
  }
  return {};
}

}  // namespace flowstone::eventstore
