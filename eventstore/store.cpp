#include "eventstore/store.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "eventstore/local_store.hpp"
#include "eventstore/storage_error.hpp"

namespace flowstone::eventstore {
namespace {

// The index can be derived from the log: a damaged one is made anew instead of keeping the store closed.
Result<std::unique_ptr<Index>, StoreError> open_or_rebuild_index(const StoreOptions& options) {
  const auto path = options.directory / "index";
  auto index = Index::open(path, options.env, OpenMode::write);
  if (index || index.error().code != StoreError::Code::corrupt) return index;
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
  return Index::open(path, options.env, OpenMode::write);
}

// What was acknowledged before must be in the log, unchanged.
Result<void, StoreError> check_mark(const HighWater::Mark& mark, const LogEnd& end, Index& index) {
  if (end.block < mark.block) {
    return failure(corrupt(
        end.position().next(),
        fmt::format("the log ends with block {} at position {}, but block {} up to position {} was acknowledged",
                    end.block, end.position().value, mark.block, mark.head.size.value)));
  }
  FLOWSTONE_TRY(const Digest root, root_at(index.tiles(), mark.head.size.value));
  if (root == mark.head.root) return {};
  return failure(corrupt(mark.head.size, "the log's root up to this position is not the one that was acknowledged"));
}

}  // namespace

Result<std::unique_ptr<Store>, StoreError> Store::open(StoreOptions options) {
  FLOWSTONE_TRY(auto lock, DirectoryLock::take(options.directory));
  FLOWSTONE_TRY_VOID(check_format(options.directory, true));
  FLOWSTONE_TRY(auto high_water, HighWater::open(options.directory));
  LocalStore::Parts parts;
  parts.journal = std::move(options.journal);
  if (parts.journal == nullptr) {
    FLOWSTONE_TRY(parts.journal, open_embedded_journal(options.directory / "log", options.env));
  }
  FLOWSTONE_TRY(parts.index, open_or_rebuild_index(options));
  FLOWSTONE_TRY(parts.end, recover(*parts.journal, *parts.index, OpenMode::write));
  if (high_water.opened_at()) FLOWSTONE_TRY_VOID(check_mark(*high_water.opened_at(), parts.end, *parts.index));
  parts.owner.emplace(LocalStore::Owner{.lock = std::move(lock), .high_water = std::move(high_water)});
  return std::make_unique<LocalStore>(std::move(parts), options);
}

Result<std::unique_ptr<Store>, StoreError> open_read_only(const std::filesystem::path& directory) {
  FLOWSTONE_TRY_VOID(check_format(directory, false));
  LocalStore::Parts parts;
  // The index first: the log that is opened after it is at least as long.
  FLOWSTONE_TRY(parts.index, Index::open(directory / "index", nullptr, OpenMode::read_only));
  FLOWSTONE_TRY(parts.journal, open_embedded_journal(directory / "log", nullptr, OpenMode::read_only));
  FLOWSTONE_TRY(parts.end, recover(*parts.journal, *parts.index, OpenMode::read_only));
  StoreOptions options;
  options.directory = directory;
  return std::make_unique<LocalStore>(std::move(parts), options);
}

}  // namespace flowstone::eventstore
