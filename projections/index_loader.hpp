// Makes all indexes of a table at once from its rows: sorted in memory, written as sorted files, taken over by the
// database.
//
// Cost: about a microsecond an entry; two threads sort and write. Small tables are written as ordinary batches.
// Limits: kChunkRows rows are in memory at a time, at about 16 bytes an entry besides texts; larger tables get several runs of
// files, which the database merges by itself.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "projections/row_digest.hpp"
#include "projections/row_indexes.hpp"
#include "projections/views.hpp"

namespace flowstone::projections {

class IndexLoader {
 public:
  static constexpr std::size_t kChunkRows = 512 << 10;
  static constexpr std::size_t kBatchRows = 4'000;  // a table of no more rows is written as a batch

  IndexLoader(Views& views, BuildId build, const RowIndexes& indexes, std::size_t chunk_rows = kChunkRows);

  // Rows come in the order of their keys.
  Result<void, std::string> add(BytesView row_key, BytesView row);
  Result<void, std::string> finish();
  // Of all rows added.
  [[nodiscard]] const RowDigest& digest() const { return digest_; }

 private:
  struct Entry {
    std::uint64_t head;  // the value's first eight bytes after its mark; 0 if absent
    std::uint32_t tail;  // where the rest begins in the column's `texts`, plus one; 0: there is none
    std::uint32_t row;   // in the chunk; bit 31: the value is present
  };
  // All entries of one field in the chunk.
  struct Column {
    std::uint16_t slot = 0;
    std::vector<Entry> entries;
    Bytes texts;  // each: length in 1 byte, then bytes
  };
  // Rows of one workspace follow each other.
  struct Group {
    Bytes workspace;  // encoded
    std::uint32_t end = 0;
  };

  void add_entry(Column& column, BytesView value, std::uint32_t row) const;
  static BytesView tail_of(const Column& column, const Entry& entry);
  static bool before(const Column& column, const Entry& left, const Entry& right);
  void sort(Column& column) const;
  void append_key(Bytes& key, const Column& column, const Entry& entry, BytesView workspace) const;
  [[nodiscard]] BytesView id_at(std::uint32_t row) const;
  template <class Put>
  Result<void, std::string> for_each_entry(Column& column, Put put) const;
  Result<void, std::string> write_file(Column& column, const std::string& path) const;
  Result<void, std::string> write_batch();
  Result<void, std::string> write_files();
  Result<void, std::string> write_chunk();

  Views& views_;
  const BuildId build_;
  const std::size_t chunk_rows_;
  std::vector<Column> columns_;
  const std::vector<const schemas::Field*> fields_;
  std::vector<Group> groups_;
  Bytes ids_;
  std::vector<std::uint32_t> id_ends_;
  std::uint64_t chunks_ = 0;
  RowDigest digest_;
};

}  // namespace flowstone::projections
