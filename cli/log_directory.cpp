#include "cli/log_directory.hpp"

#include <filesystem>
#include <utility>

#include <fmt/core.h>

namespace flowstone::cli {

std::string sentence_of(const eventstore::StoreError& error) {
  using Code = eventstore::StoreError::Code;
  switch (error.code) {
    case Code::locked:
      return fmt::format("the data directory is in use: {}", error.detail);
    case Code::newer_format:
      return fmt::format("the data directory was written by a newer Flowstone: {}", error.detail);
    case Code::corrupt:
      return fmt::format("the log is damaged at position {}: {}", error.position.value, error.detail);
    case Code::mismatch:
      return fmt::format("what is imported does not fit at position {}: {}", error.position.value, error.detail);
    case Code::io:
      return fmt::format("the disk failed: {}", error.detail);
  }
  std::unreachable();
}

Result<std::unique_ptr<eventstore::Store>, std::string> open_log_to_read(const std::string& directory) {
  if (!std::filesystem::is_directory(directory))
    return failure(fmt::format("there is no data directory {}", directory));
  auto store = eventstore::open_read_only(directory);
  if (!store) return failure(sentence_of(store.error()));
  return *std::move(store);
}

Result<std::unique_ptr<eventstore::Store>, std::string> open_log_to_write(const std::string& directory) {
  eventstore::StoreOptions options;
  options.directory = directory;
  auto store = eventstore::Store::open(std::move(options));
  if (!store) return failure(sentence_of(store.error()));
  return *std::move(store);
}

}  // namespace flowstone::cli
