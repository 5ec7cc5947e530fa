// Who may open a data directory: one process at a time, and only a format that it knows.
#pragma once

#include <filesystem>

#include "base/result.hpp"
#include "eventstore/store.hpp"

namespace flowstone::eventstore {

// Holds `directory/LOCK` (flock, with the owner's pid as text) until destroyed. The system releases it when a process
// dies.
class DirectoryLock {
 public:
  // Creates the directory if need be. `locked` names the pid of the owner.
  static Result<DirectoryLock, StoreError> take(const std::filesystem::path& directory);
  ~DirectoryLock();
  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&&) = delete;

 private:
  explicit DirectoryLock(int file) : file_(file) {}
  int file_;
};

constexpr int kStoreFormat = 1;

// Reads `directory/FORMAT`. `newer_format` if it is unknown; an absent one counts as new and is written, synced, if
// `create`.
Result<void, StoreError> check_format(const std::filesystem::path& directory, bool create);

}  // namespace flowstone::eventstore
