#include "projections/views.hpp"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>

#include "projections/catalog.hpp"

namespace flowstone::projections {
namespace {

constexpr std::size_t kDeletionWindow = 32 << 10;  // entries looked at together for tombstones
constexpr std::size_t kTombstones = 16 << 10;      // so many of them make a file be compacted
constexpr const char* kIngestFolder = "/incoming";
constexpr std::size_t kUuidKey = 17;  // a UUID at a key's end, with its mark

// Everything of a key but the UUID at its end. Keys that differ in it alone mostly come in its order, and the memtable
// begins to look for their place where it put the last one.
class BesideTheId final : public rocksdb::SliceTransform {
 public:
  [[nodiscard]] const char* Name() const override { return "flowstone.beside_the_id"; }
  [[nodiscard]] rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
    return {key.data(), key.size() - kUuidKey};
  }
  [[nodiscard]] bool InDomain(const rocksdb::Slice& key) const override { return key.size() > kUuidKey; }
};

Result<void, std::string> checked(const rocksdb::Status& status) {
  if (status.ok()) return {};
  return failure("views: " + status.ToString());
}

rocksdb::BlockBasedTableOptions table_options(const CatalogOptions& options) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.format_version = 5;
  table.block_size = 8 << 10;
  // In partitions: of a large file, one look-up brings only what it needs into the cache.
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.pin_top_level_index_and_filter = true;
  return table;
}

rocksdb::Options database_options(const CatalogOptions& options) {
  rocksdb::Options database;
  if (options.env != nullptr) database.env = options.env;
  database.create_if_missing = true;
  database.write_buffer_size = options.write_buffer_bytes;
  database.max_write_buffer_number = 3;
  database.memtable_insert_with_hint_prefix_extractor = std::make_shared<BesideTheId>();
  database.allow_concurrent_memtable_write = false;  // the hints need it
  database.compression = rocksdb::kLZ4Compression;
  database.max_background_jobs = 2;
  database.max_open_files = 512;
  database.keep_log_file_num = 2;
  database.level_compaction_dynamic_level_bytes = true;
  // Sorted lists of times leave a trail of deleted entries at one end; compacting such files keeps scans short.
  database.table_properties_collector_factories.push_back(
      rocksdb::NewCompactOnDeletionCollectorFactory(kDeletionWindow, kTombstones));
  database.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options(options)));
  return database;
}

rocksdb::ReadOptions read_options(const rocksdb::Snapshot* snapshot) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  return options;
}

// Files of an interrupted bulk build may be left there.
Result<void, std::string> clear_folder(rocksdb::Env& env, const std::string& path) {
  FLOWSTONE_TRY_VOID(checked(env.CreateDirIfMissing(path)));
  std::vector<std::string> files;
  FLOWSTONE_TRY_VOID(checked(env.GetChildren(path, &files)));
  for (const std::string& file : files) {
    if (file != "." && file != "..") FLOWSTONE_TRY_VOID(checked(env.DeleteFile(path + "/" + file)));
  }
  return {};
}

Result<std::optional<Bytes>, std::string> get_with(rocksdb::DB& db, const rocksdb::ReadOptions& options,
                                                   BytesView key) {
  Bytes value;
  const rocksdb::Status status = db.Get(options, rocksdb::Slice(key.data(), key.size()), &value);
  if (status.IsNotFound()) return std::nullopt;
  FLOWSTONE_TRY_VOID(checked(status));
  return value;
}

}  // namespace

// An iterator whose bounds live as long as it does.
class Snapshot::Range final : public rocksdb::Iterator {
 public:
  Range(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, BytesView lower, BytesView upper)
      : lower_(lower), upper_(upper), lower_bound_(lower_), upper_bound_(upper_) {
    rocksdb::ReadOptions options = read_options(snapshot);
    options.iterate_lower_bound = &lower_bound_;
    options.iterate_upper_bound = &upper_bound_;
    options.total_order_seek = true;
    inner_.reset(db.NewIterator(options));
  }
  [[nodiscard]] bool Valid() const override { return inner_->Valid(); }
  void SeekToFirst() override { inner_->SeekToFirst(); }
  void SeekToLast() override { inner_->SeekToLast(); }
  void Seek(const rocksdb::Slice& target) override { inner_->Seek(target); }
  void SeekForPrev(const rocksdb::Slice& target) override { inner_->SeekForPrev(target); }
  void Next() override { inner_->Next(); }
  void Prev() override { inner_->Prev(); }
  [[nodiscard]] rocksdb::Slice key() const override { return inner_->key(); }
  [[nodiscard]] rocksdb::Slice value() const override { return inner_->value(); }
  [[nodiscard]] rocksdb::Status status() const override { return inner_->status(); }

 private:
  const Bytes lower_;
  const Bytes upper_;
  const rocksdb::Slice lower_bound_;
  const rocksdb::Slice upper_bound_;
  std::unique_ptr<rocksdb::Iterator> inner_;
};

Snapshot::Snapshot(rocksdb::DB& db) : db_(db), snapshot_(&db) {}

Result<std::optional<Bytes>, std::string> Snapshot::get(BytesView key) const {
  return get_with(db_, read_options(snapshot_.snapshot()), key);
}

std::unique_ptr<rocksdb::Iterator> Snapshot::scan(BytesView lower, BytesView upper) const {
  return std::make_unique<Range>(db_, snapshot_.snapshot(), lower, upper);
}

Views::Views(rocksdb::Options options, std::string path, std::unique_ptr<rocksdb::DB> db)
    : options_(std::move(options)), path_(std::move(path)), db_(std::move(db)) {}

Views::~Views() { static_cast<void>(flush()); }

Result<std::unique_ptr<Views>, std::string> Views::open(const CatalogOptions& options) {
  rocksdb::Options database = database_options(options);
  const std::string path = options.directory.string();
  rocksdb::Env& env = *database.env;
  FLOWSTONE_TRY_VOID(checked(env.CreateDirIfMissing(options.directory.parent_path().string())));
  FLOWSTONE_TRY_VOID(checked(env.CreateDirIfMissing(path)));
  FLOWSTONE_TRY_VOID(clear_folder(env, path + kIngestFolder));
  rocksdb::DB* db = nullptr;
  FLOWSTONE_TRY_VOID(checked(rocksdb::DB::Open(database, path, &db)));
  return std::unique_ptr<Views>(new Views(std::move(database), path, std::unique_ptr<rocksdb::DB>(db)));
}

Result<std::optional<Bytes>, std::string> Views::get(BytesView key) const {
  return get_with(*db_, read_options(nullptr), key);
}

Result<void, std::string> Views::write(rocksdb::WriteBatch& batch) {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  return checked(db_->Write(options, &batch));
}

Result<void, std::string> Views::flush() { return checked(db_->Flush(rocksdb::FlushOptions())); }

Result<void, std::string> Views::delete_range(BytesView lower, BytesView upper) {
  rocksdb::WriteBatch batch;
  FLOWSTONE_TRY_VOID(checked(
      batch.DeleteRange(rocksdb::Slice(lower.data(), lower.size()), rocksdb::Slice(upper.data(), upper.size()))));
  return write(batch);
}

Result<void, std::string> Views::ingest(const std::vector<std::string>& files) {
  if (files.empty()) return {};
  rocksdb::IngestExternalFileOptions options;
  options.move_files = true;
  return checked(db_->IngestExternalFile(files, options));
}

std::string Views::fresh_file_name() { return fmt::format("{}{}/{}.sst", path_, kIngestFolder, files_.fetch_add(1)); }

Result<std::optional<Checkpoint>, std::string> Views::checkpoint(BuildId build) const {
  FLOWSTONE_TRY(const std::optional<Bytes> bytes, get(section_key(build, Section::checkpoint)));
  if (!bytes) return std::nullopt;
  return decode_checkpoint(*bytes).value_or(Checkpoint{});
}

Result<void, std::string> Views::drop(BuildId build) { return delete_range(build_key(build), build_key(build + 1)); }

std::vector<BuildId> Views::builds() const {
  std::vector<BuildId> found;
  const Snapshot now = snapshot();
  const auto iterator = now.scan(build_key(1), Bytes(8, '\xff'));
  iterator->SeekToFirst();
  while (iterator->Valid()) {
    found.push_back(build_of(iterator->key().ToStringView()));
    const Bytes next = build_key(found.back() + 1);
    iterator->Seek(next);
  }
  return found;
}

}  // namespace flowstone::projections
