#include "projections/index_loader.hpp"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include <rocksdb/sst_file_writer.h>

#include "base/check.hpp"
#include "projections/codec.hpp"
#include "schemas/row.hpp"

namespace flowstone::projections {
namespace {

constexpr std::uint32_t kPresent = 1U << 31;
constexpr std::uint32_t kRowMask = kPresent - 1;
constexpr char kMark = 1;  // in front of a present value
constexpr std::size_t kHeadBytes = 8;
constexpr std::size_t kTailBytes = 255;
constexpr std::size_t kSortThreads = 2;

Result<void, std::string> checked(const rocksdb::Status& status) {
  if (status.ok()) return {};
  return failure("views: " + status.ToString());
}

}  // namespace

IndexLoader::IndexLoader(Views& views, BuildId build, const RowIndexes& indexes, std::size_t chunk_rows)
    : views_(views), build_(build), chunk_rows_(chunk_rows), fields_(indexes.fields()) {
  check(chunk_rows_ <= kRowMask, "rows of a chunk are counted in 31 bits");
  for (const schemas::Field* field : fields_) columns_.push_back({.slot = field->slot, .entries = {}, .texts = {}});
}

Result<void, std::string> IndexLoader::add(BytesView row_key, BytesView row) {
  const BytesView workspace = encoded_workspace_of_row(row_key);
  const BytesView id = encoded_id_of_row(row_key);
  const auto number = static_cast<std::uint32_t>(id_ends_.size());
  ids_.append(id);
  id_ends_.push_back(static_cast<std::uint32_t>(ids_.size()));
  if (groups_.empty() || groups_.back().workspace != workspace) groups_.push_back({.workspace = Bytes(workspace)});
  groups_.back().end = number + 1;
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    for (const Bytes& value : sorted_index_keys(*fields_[column], row)) add_entry(columns_[column], value, number);
  }
  digest_.add(digest_key(workspace, id), row);
  return id_ends_.size() < chunk_rows_ ? Result<void, std::string>() : write_chunk();
}

void IndexLoader::add_entry(Column& column, BytesView value, std::uint32_t row) const {
  if (value.empty()) {
    column.entries.push_back({.head = 0, .tail = 0, .row = row});
    return;
  }
  check(value.front() == kMark, "a present value begins with its mark");
  value.remove_prefix(1);
  std::array<char, kHeadBytes> head{};
  std::ranges::copy(value.substr(0, kHeadBytes), head.begin());
  Entry entry{.head = read_big_endian({head.data(), head.size()}), .tail = 0, .row = row | kPresent};
  // A head shorter than eight bytes keeps its length with the tail, so that it can be written again.
  if (value.size() != kHeadBytes) {
    const BytesView tail = value.size() > kHeadBytes ? value.substr(kHeadBytes) : BytesView();
    check(tail.size() <= kTailBytes, "index values are short");
    entry.tail = static_cast<std::uint32_t>(column.texts.size()) + 1;
    column.texts.push_back(static_cast<char>(std::min(value.size(), kHeadBytes)));
    column.texts.push_back(static_cast<char>(tail.size()));
    column.texts.append(tail);
  }
  column.entries.push_back(entry);
}

BytesView IndexLoader::tail_of(const Column& column, const Entry& entry) {
  if (entry.tail == 0) return {};
  return BytesView(column.texts).substr(entry.tail + 1, static_cast<unsigned char>(column.texts[entry.tail]));
}

bool IndexLoader::before(const Column& column, const Entry& left, const Entry& right) {
  if ((left.row & kPresent) != (right.row & kPresent)) return (left.row & kPresent) == 0;
  if (left.head != right.head) return left.head < right.head;
  if (left.tail != 0 || right.tail != 0) {
    if (const int order = tail_of(column, left).compare(tail_of(column, right)); order != 0) return order < 0;
  }
  return left.row < right.row;
}

void IndexLoader::sort(Column& column) const {
  auto begin = column.entries.begin();
  for (const Group& group : groups_) {
    const auto end = std::find_if(begin, column.entries.end(),
                                  [&](const Entry& entry) { return (entry.row & kRowMask) >= group.end; });
    std::sort(begin, end, [&](const Entry& left, const Entry& right) { return before(column, left, right); });
    begin = end;
  }
}

BytesView IndexLoader::id_at(std::uint32_t row) const {
  const std::size_t begin = row == 0 ? 0 : id_ends_[row - 1];
  return BytesView(ids_).substr(begin, id_ends_[row] - begin);
}

void IndexLoader::append_key(Bytes& key, const Column& column, const Entry& entry, BytesView workspace) const {
  key = section_key(build_, Section::indexes);
  append_big_endian(key, column.slot, 2);
  key.append(workspace);
  if ((entry.row & kPresent) != 0) {
    key.push_back(kMark);
    const std::size_t head_bytes =
        entry.tail == 0 ? kHeadBytes : static_cast<unsigned char>(column.texts[entry.tail - 1]);
    Bytes head;
    append_big_endian(head, entry.head, kHeadBytes);
    key.append(head, 0, head_bytes);
    key.append(tail_of(column, entry));
  }
  key.push_back('\0');
  key.append(id_at(entry.row & kRowMask));
}

template <class Put>
Result<void, std::string> IndexLoader::for_each_entry(Column& column, Put put) const {
  sort(column);
  Bytes key;
  std::size_t group = 0;
  for (const Entry& entry : column.entries) {
    while (groups_[group].end <= (entry.row & kRowMask)) ++group;
    append_key(key, column, entry, groups_[group].workspace);
    FLOWSTONE_TRY_VOID(checked(put(key, index_value(id_at(entry.row & kRowMask)))));
  }
  return {};
}

Result<void, std::string> IndexLoader::write_file(Column& column, const std::string& path) const {
  rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), views_.file_options());
  FLOWSTONE_TRY_VOID(checked(writer.Open(path)));
  FLOWSTONE_TRY_VOID(
      for_each_entry(column, [&](const Bytes& key, const Bytes& value) { return writer.Put(key, value); }));
  return checked(writer.Finish());
}

Result<void, std::string> IndexLoader::write_batch() {
  rocksdb::WriteBatch batch;
  for (Column& column : columns_) {
    FLOWSTONE_TRY_VOID(
        for_each_entry(column, [&](const Bytes& key, const Bytes& value) { return batch.Put(key, value); }));
  }
  return views_.write(batch);
}

Result<void, std::string> IndexLoader::write_files() {
  std::vector<std::string> paths(columns_.size());
  std::vector<Result<void, std::string>> results(columns_.size());
  for (std::string& path : paths) path = views_.fresh_file_name();
  {
    std::atomic<std::size_t> next{0};
    std::vector<std::jthread> threads;
    for (std::size_t thread = 0; thread < kSortThreads; ++thread) {
      threads.emplace_back([&] {
        for (std::size_t column = next++; column < columns_.size(); column = next++) {
          results[column] = write_file(columns_[column], paths[column]);
        }
      });
    }
  }
  for (Result<void, std::string>& result : results) FLOWSTONE_TRY_VOID(std::move(result));
  return views_.ingest(paths);
}

Result<void, std::string> IndexLoader::write_chunk() {
  if (id_ends_.empty()) return {};
  const bool small = chunks_++ == 0 && id_ends_.size() <= kBatchRows;
  FLOWSTONE_TRY_VOID(small ? write_batch() : write_files());
  for (Column& column : columns_) {
    column.entries.clear();
    column.texts.clear();
  }
  groups_.clear();
  ids_.clear();
  id_ends_.clear();
  return {};
}

Result<void, std::string> IndexLoader::finish() { return write_chunk(); }

}  // namespace flowstone::projections
