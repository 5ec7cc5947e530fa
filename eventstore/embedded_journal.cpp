#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include "eventstore/block.hpp"
#include "eventstore/encoding.hpp"
#include "eventstore/journal.hpp"
#include "eventstore/scratch_directory.hpp"
#include "eventstore/storage_error.hpp"

namespace flowstone::eventstore {
namespace {

constexpr std::size_t kCacheBytes = 64 << 20;
constexpr std::size_t kScanReadahead = 2 << 20;

Bytes key_of(Position first, std::uint64_t number) {
  Bytes key;
  append_key(key, first.value);
  append_key(key, number);
  return key;
}

rocksdb::Options make_options(rocksdb::Env* env) {
  rocksdb::Options options;
  if (env != nullptr) options.env = env;
  options.create_if_missing = true;
  options.compression = rocksdb::kLZ4Compression;
  options.write_buffer_size = 64 << 20;
  options.max_write_buffer_number = 3;
  options.allow_concurrent_memtable_write = false;  // one writer; saves the lock-free inserts
  options.max_open_files = -1;
  options.max_bgerror_resume_count = 0;  // a failed write is never retried as if clean
  options.track_and_verify_wals_in_manifest = true;
  // A torn tail was never acknowledged and is dropped; damage in the middle of a write-ahead log is refused.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.avoid_flush_during_recovery = true;
  options.keep_log_file_num = 4;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(kCacheBytes);
  table.block_size = 16 << 10;
  table.format_version = 5;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

class EmbeddedCursor final : public Journal::Cursor {
 public:
  explicit EmbeddedCursor(std::unique_ptr<rocksdb::Iterator> iterator) : iterator_(std::move(iterator)) {}

  Result<bool, StoreError> seek(Position position) override {
    iterator_->SeekForPrev(key_of(position, UINT64_MAX));
    return arrived(position);
  }
  Result<bool, StoreError> next() override {
    if (!iterator_->Valid()) return false;
    const Position from = first_here();
    iterator_->Next();
    return arrived(from);
  }
  Result<bool, StoreError> previous() override {
    if (!iterator_->Valid()) return false;
    const Position from = first_here();
    iterator_->Prev();
    return arrived(from);
  }
  [[nodiscard]] BytesView bytes() const override { return {iterator_->value().data(), iterator_->value().size()}; }

 private:
  [[nodiscard]] Position first_here() const { return {get_key(iterator_->key().data())}; }

  Result<bool, StoreError> arrived(Position near) {
    if (iterator_->Valid()) {
      if (iterator_->key().size() == 16) return true;
      return failure(corrupt(near, "a key of the log is not 16 bytes"));
    }
    if (!iterator_->status().ok()) return failure(storage_error(iterator_->status(), "reading the log", near));
    return false;
  }

  std::unique_ptr<rocksdb::Iterator> iterator_;
};

class EmbeddedJournal final : public Journal {
 public:
  EmbeddedJournal(std::unique_ptr<rocksdb::DB> database, std::unique_ptr<ScratchDirectory> scratch)
      : scratch_(std::move(scratch)), database_(std::move(database)) {}

  // With everything in table files the next start has no write-ahead log to replay. If it fails, the log replays.
  ~EmbeddedJournal() override {
    if (scratch_ == nullptr && !failed_) database_->Flush(rocksdb::FlushOptions()).PermitUncheckedError();
    database_->Close().PermitUncheckedError();
  }

  Result<void, JournalFailure> append(std::span<const JournalBlock> blocks) override {
    batch_.Clear();
    for (const JournalBlock& block : blocks) {
      const auto status =
          batch_.Put(key_of(block.first, block.number), rocksdb::Slice(block.bytes.data(), block.bytes.size()));
      if (!status.ok()) return failure(JournalFailure{.outcome_unknown = false, .detail = status.ToString()});
    }
    rocksdb::WriteOptions options;
    options.sync = true;
    const auto status = database_->Write(options, &batch_);
    // RocksDB does not say whether the write or the sync failed: bytes may have reached the file.
    if (status.ok()) return {};
    failed_ = true;
    return failure(JournalFailure{.outcome_unknown = true, .detail = status.ToString()});
  }

  Result<std::unique_ptr<Cursor>, StoreError> cursor(Access access) override {
    rocksdb::ReadOptions options;
    options.fill_cache = access == Access::points;
    if (access == Access::scan) options.readahead_size = kScanReadahead;
    return std::make_unique<EmbeddedCursor>(std::unique_ptr<rocksdb::Iterator>(database_->NewIterator(options)));
  }

 private:
  std::unique_ptr<ScratchDirectory> scratch_;  // of a secondary; outlives the database
  std::unique_ptr<rocksdb::DB> database_;
  rocksdb::WriteBatch batch_;  // kept for its memory
  bool failed_ = false;
};

// Of a log that cannot be opened: where it can be read up to, for the error's text.
Position readable_until(rocksdb::Options options, const std::filesystem::path& directory) {
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  rocksdb::DB* opened = nullptr;
  if (!rocksdb::DB::OpenForReadOnly(options, directory.string(), &opened).ok()) return {};
  const std::unique_ptr<rocksdb::DB> database(opened);
  const std::unique_ptr<rocksdb::Iterator> iterator(database->NewIterator(rocksdb::ReadOptions()));
  iterator->SeekToLast();
  if (!iterator->Valid()) return {};
  const auto extent = block_extent({iterator->value().data(), iterator->value().size()});
  return extent ? Position{extent->first.value + extent->events - 1} : Position{};
}

}  // namespace

Result<std::shared_ptr<Journal>, StoreError> open_embedded_journal(const std::filesystem::path& directory,
                                                                   rocksdb::Env* env, OpenMode mode) {
  const auto options = make_options(env);
  rocksdb::DB* opened = nullptr;
  std::unique_ptr<ScratchDirectory> scratch;
  rocksdb::Status status;
  if (mode == OpenMode::write) {
    status = rocksdb::DB::Open(options, directory.string(), &opened);
  } else {
    scratch = std::make_unique<ScratchDirectory>("flowstone-log");
    status = rocksdb::DB::OpenAsSecondary(options, directory.string(), scratch->path().string(), &opened);
  }
  std::unique_ptr<rocksdb::DB> database(opened);
  if (status.ok() && mode == OpenMode::read_only) status = database->TryCatchUpWithPrimary();
  if (status.IsCorruption()) {
    const Position good = readable_until(options, directory);
    return failure(storage_error(
        status, fmt::format("opening the log, which can be read up to position {}", good.value), good.next()));
  }
  if (!status.ok()) return failure(storage_error(status, "opening the log"));
  return std::make_shared<EmbeddedJournal>(std::move(database), std::move(scratch));
}

}  // namespace flowstone::eventstore
