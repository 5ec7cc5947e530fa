// The one RocksDB database under DIR/views that holds every row, index entry, posting and checkpoint.
//
// Durability: nothing here is synced and there is no write-ahead log. One column family is flushed as a whole, in the order of
// the batches, so that after a crash the database is what it was after some batch: rows and checkpoint always agree.
// Threads: every member may be called from any thread; one build has one writer.
// Limits: a crash loses at most the write buffers (3 x write_buffer_bytes), which are folded again.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/iterator.h>
#include <rocksdb/options.h>
#include <rocksdb/snapshot.h>
#include <rocksdb/write_batch.h>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "projections/keys.hpp"
#include "projections/row_store.hpp"

namespace flowstone::projections {

struct CatalogOptions;

// What all reads of one answer share.
class Snapshot {
 public:
  explicit Snapshot(rocksdb::DB& db);

  [[nodiscard]] Result<std::optional<Bytes>, std::string> get(BytesView key) const;
  // Over [lower, upper).
  [[nodiscard]] std::unique_ptr<rocksdb::Iterator> scan(BytesView lower, BytesView upper) const;

 private:
  class Range;
  rocksdb::DB& db_;
  mutable rocksdb::ManagedSnapshot snapshot_;  // its accessor is not const
};

class Views final : public RowStore {
 public:
  static Result<std::unique_ptr<Views>, std::string> open(const CatalogOptions& options);
  ~Views() override;
  Views(const Views&) = delete;
  Views& operator=(const Views&) = delete;

  [[nodiscard]] Snapshot snapshot() const { return Snapshot(*db_); }
  [[nodiscard]] Result<std::optional<Bytes>, std::string> get(BytesView key) const;
  Result<void, std::string> write(rocksdb::WriteBatch& batch);
  // Everything written so far survives a crash.
  Result<void, std::string> flush();
  Result<void, std::string> delete_range(BytesView lower, BytesView upper);

  [[nodiscard]] Result<std::optional<Checkpoint>, std::string> checkpoint(BuildId build) const override;
  [[nodiscard]] std::vector<BuildId> builds() const override;
  Result<void, std::string> drop(BuildId build) override;

  // Takes sorted files made with `file_options` over into the database.
  Result<void, std::string> ingest(const std::vector<std::string>& files);
  [[nodiscard]] const rocksdb::Options& file_options() const { return options_; }
  // A name for such a file, unique in this process.
  [[nodiscard]] std::string fresh_file_name();

 private:
  Views(rocksdb::Options options, std::string path, std::unique_ptr<rocksdb::DB> db);

  const rocksdb::Options options_;
  const std::string path_;
  std::unique_ptr<rocksdb::DB> db_;
  std::atomic<std::uint64_t> files_{0};
};

}  // namespace flowstone::projections
