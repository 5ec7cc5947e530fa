#include "eventstore/index.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include "eventstore/encoding.hpp"
#include "eventstore/index_batch.hpp"
#include "eventstore/storage_error.hpp"

namespace flowstone::eventstore {
namespace {

constexpr BytesView kCheckpoint("!", 1);

// The list that a key belongs to: everything but the position at its end. One look-up in a Bloom filter then tells that
// a stream has no events.
class ListPrefix final : public rocksdb::SliceTransform {
 public:
  [[nodiscard]] const char* Name() const override { return "flowstone.list"; }
  [[nodiscard]] rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
    return {key.data(), key.size() - 8};
  }
  [[nodiscard]] bool InDomain(const rocksdb::Slice& key) const override {
    return IndexKey::is_list({key.data(), key.size()});
  }
};

rocksdb::Options make_options(rocksdb::Env* env) {
  rocksdb::Options options;
  if (env != nullptr) options.env = env;
  options.create_if_missing = true;
  options.compression = rocksdb::kLZ4Compression;
  options.write_buffer_size = 32 << 20;
  options.max_write_buffer_number = 3;
  options.allow_concurrent_memtable_write = false;
  options.max_open_files = -1;
  options.prefix_extractor = std::make_shared<ListPrefix>();
  options.memtable_prefix_bloom_size_ratio = 0.05;
  options.memtable_whole_key_filtering = true;
  options.keep_log_file_num = 4;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(32 << 20);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.format_version = 5;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

Bytes tile_key(TileId tile) {
  Bytes key(1, IndexKey::kTile);
  key.push_back(static_cast<char>(tile.level));
  append_key(key, tile.index);
  return key;
}

}  // namespace

Index::Index(std::unique_ptr<rocksdb::DB> database, OpenMode mode)
    : mode_(mode), database_(std::move(database)), tiles_([this](TileId tile) { return get(tile_key(tile)); }) {}

Index::~Index() {
  if (mode_ == OpenMode::write) database_->Flush(rocksdb::FlushOptions()).PermitUncheckedError();
  database_->Close().PermitUncheckedError();
}

Result<std::unique_ptr<Index>, StoreError> Index::open(const std::filesystem::path& directory, rocksdb::Env* env,
                                                       OpenMode mode) {
  const auto options = make_options(env);
  rocksdb::DB* opened = nullptr;
  const auto status = mode == OpenMode::write ? rocksdb::DB::Open(options, directory.string(), &opened)
                                              : rocksdb::DB::OpenForReadOnly(options, directory.string(), &opened);
  if (!status.ok()) return failure(storage_error(status, "opening the index"));
  auto index = std::unique_ptr<Index>(new Index(std::unique_ptr<rocksdb::DB>(opened), mode));
  FLOWSTONE_TRY_VOID(index->read_checkpoint());
  return index;
}

Result<void, StoreError> Index::read_checkpoint() {
  FLOWSTONE_TRY(const Bytes value, get(kCheckpoint));
  if (value.empty()) return {};
  ByteReader reader(value);
  opened_at_.position = {reader.fixed<std::uint64_t>()};
  opened_at_.block = reader.fixed<std::uint64_t>();
  if (!reader.ok()) return failure(corrupt({}, "the index's checkpoint is malformed"));
  return {};
}

Result<Bytes, StoreError> Index::get(BytesView key) const {
  Bytes value;
  const auto status = database_->Get(rocksdb::ReadOptions(), rocksdb::Slice(key.data(), key.size()), &value);
  if (status.ok() || status.IsNotFound()) return value;
  return failure(storage_error(status, "reading the index"));
}

Result<void, StoreError> Index::add(std::span<const SharedBlock> blocks) {
  IndexBatch entries;
  for (const SharedBlock& block : blocks) {
    FLOWSTONE_TRY_VOID(entries.add(*block));
    tiles_.push(block->leaves);
  }
  rocksdb::WriteBatch batch;
  entries.write(batch);
  for (const auto& [tile, hashes] : tiles_.unsaved()) batch.Put(tile_key(tile), hashes).PermitUncheckedError();
  Bytes checkpoint;
  append_fixed(checkpoint, blocks.back()->last().value);
  append_fixed(checkpoint, blocks.back()->number);
  batch.Put(rocksdb::Slice(kCheckpoint.data(), kCheckpoint.size()), checkpoint).PermitUncheckedError();
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  const auto status = database_->Write(options, &batch);
  if (!status.ok()) return failure(storage_error(status, "writing the index", blocks.back()->last()));
  tiles_.saved();
  return {};
}

Result<Revision, StoreError> Index::stream_head(BytesView stream_key) {
  Bytes list(1, IndexKey::kStream);
  list.append(stream_key).push_back('\0');
  rocksdb::ReadOptions options;
  options.prefix_same_as_start = true;
  Postings postings(std::unique_ptr<rocksdb::Iterator>(database_->NewIterator(options)), std::move(list));
  FLOWSTONE_TRY(const auto last, postings.seek(Position{UINT64_MAX}, Direction::backward));
  return last ? last->revision : Revision{};
}

Result<std::optional<Store::StoredAnswer>, StoreError> Index::find_command(BytesView command_key) {
  Bytes key(1, IndexKey::kCommand);
  key.append(command_key);
  FLOWSTONE_TRY(const Bytes value, get(key));
  if (value.empty()) return std::nullopt;
  auto stored = decode_answer(value);
  if (!stored) return failure(corrupt({}, "the index's answer of a command is malformed"));
  return stored;
}

Result<Position, StoreError> Index::block_at(Timestamp time) {
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  const std::unique_ptr<rocksdb::Iterator> iterator(database_->NewIterator(options));
  Bytes key(1, IndexKey::kTime);
  append_key(key, static_cast<std::uint64_t>(time.micros));
  append_key(key, UINT64_MAX);
  iterator->SeekForPrev(key);
  if (!iterator->status().ok()) return failure(storage_error(iterator->status(), "reading the index"));
  if (!iterator->Valid() || iterator->key().size() != key.size() || iterator->key()[0] != IndexKey::kTime)
    return Position{};
  return Position{get_key(iterator->key().data() + 9)};
}

Postings Index::stream(std::string_view workspace, std::string_view stream) const {
  return postings(IndexKey::kStream, workspace, stream);
}
Postings Index::type(std::string_view workspace, std::string_view type) const {
  return postings(IndexKey::kType, workspace, type);
}
Postings Index::category(std::string_view workspace, std::string_view category) const {
  return postings(IndexKey::kCategory, workspace, category);
}

Postings Index::postings(char kind, std::string_view workspace, std::string_view name) const {
  Bytes list(1, kind);
  list.append(workspace).push_back('\0');
  list.append(name).push_back('\0');
  rocksdb::ReadOptions options;
  options.prefix_same_as_start = true;
  return {std::unique_ptr<rocksdb::Iterator>(database_->NewIterator(options)), std::move(list)};
}

}  // namespace flowstone::eventstore
