// What can be derived from the log and is kept for speed: where each stream, type and category has its events, the
// answers of commands, times, and the tree's tiles. docs/formats/index.md.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "eventstore/block.hpp"
#include "eventstore/journal.hpp"
#include "eventstore/tiles.hpp"

namespace rocksdb {
class DB;
class Env;
class Iterator;
}  // namespace rocksdb

namespace flowstone::eventstore {

// The positions of one stream, type or category, in order. Not thread-safe; destroyed before the index.
class Postings {
 public:
  Postings(std::unique_ptr<rocksdb::Iterator> iterator, Bytes list);
  ~Postings();
  Postings(Postings&&) noexcept;

  struct Entry {
    Position position;
    Revision revision;  // of the stream; {0} for types and categories
  };
  // The first entry at or after (forward), or at or before (backward) the position; nothing if there is none.
  Result<std::optional<Entry>, StoreError> seek(Position from, Direction direction);
  // The same by revision, for a stream's list. Cost: some 30 look-ups at worst, one near the end.
  Result<std::optional<Entry>, StoreError> seek(Revision from, Direction direction);
  // The neighbour of the entry that was given last, in the direction of the seek.
  Result<std::optional<Entry>, StoreError> next();

 private:
  Result<bool, StoreError> open_chunk();
  [[nodiscard]] Bytes key_at(std::uint64_t position) const;
  [[nodiscard]] Entry entry() const;
  Result<bool, StoreError> find_chunk_of(Revision revision);
  Result<std::optional<Entry>, StoreError> step_chunk();

  std::unique_ptr<rocksdb::Iterator> iterator_;
  Bytes list_;
  bool is_stream_;
  Direction direction_ = Direction::forward;
  std::vector<std::uint64_t> chunk_;  // positions
  std::uint64_t revision_ = 0;        // of chunk_[0]
  std::size_t at_ = 0;
};

// Durability: none of its own. Everything is written with its checkpoint and can be replayed from the log.
// Threads: `add` from one thread; the rest from any.
class Index {
 public:
  static Result<std::unique_ptr<Index>, StoreError> open(const std::filesystem::path& directory, rocksdb::Env* env,
                                                         OpenMode mode);
  ~Index();

  struct Checkpoint {
    Position position;
    std::uint64_t block = 0;
  };
  // What it held when it was opened.
  [[nodiscard]] const Checkpoint& opened_at() const { return opened_at_; }
  [[nodiscard]] Tiles& tiles() { return tiles_; }

  // All blocks' entries and the checkpoint after them, in one write.
  Result<void, StoreError> add(std::span<const SharedBlock> blocks);

  Result<Revision, StoreError> stream_head(BytesView stream_key);
  Result<std::optional<Store::StoredAnswer>, StoreError> find_command(BytesView command_key);
  // The first position of the last block whose first event is not younger than `time`; {0} if there is none.
  Result<Position, StoreError> block_at(Timestamp time);

  [[nodiscard]] Postings stream(std::string_view workspace, std::string_view stream) const;
  // An empty workspace means all of them.
  [[nodiscard]] Postings type(std::string_view workspace, std::string_view type) const;
  [[nodiscard]] Postings category(std::string_view workspace, std::string_view category) const;

 private:
  explicit Index(std::unique_ptr<rocksdb::DB> database, OpenMode mode);
  Result<void, StoreError> read_checkpoint();
  Result<Bytes, StoreError> get(BytesView key) const;
  [[nodiscard]] Postings postings(char kind, std::string_view workspace, std::string_view name) const;

  const OpenMode mode_;
  std::unique_ptr<rocksdb::DB> database_;
  Checkpoint opened_at_;
  Tiles tiles_;
};

}  // namespace flowstone::eventstore
