#include "eventstore/store.hpp"

#include "eventstore/local_store.hpp"

namespace flowstone::eventstore {

Result<std::unique_ptr<Store>, StoreError> Store::open(StoreOptions options) {
  LocalStore::Parts parts;
  FLOWSTONE_TRY(auto lock, DirectoryLock::take(options.directory));
  parts.lock.emplace(std::move(lock));
  FLOWSTONE_TRY_VOID(check_format(options.directory, true));
  parts.journal = std::move(options.journal);
  if (parts.journal == nullptr) {
    FLOWSTONE_TRY(parts.journal, open_embedded_journal(options.directory / "log", options.env));
  }
  FLOWSTONE_TRY(parts.index, Index::open(options.directory / "index", options.env, OpenMode::write));
  FLOWSTONE_TRY(parts.end, recover(*parts.journal, *parts.index, OpenMode::write));
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
