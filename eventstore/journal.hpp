// The seam to what makes blocks durable: RocksDB in this process, memory in tests, a replicated engine in a cluster.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "base/position.hpp"
#include "base/result.hpp"
#include "eventstore/store.hpp"

namespace flowstone::eventstore {

struct JournalBlock {
  Position first;            // of its events; a block without events has the position that the next event will get
  std::uint64_t number = 0;  // dense from 1
  BytesView bytes;
};

struct JournalFailure {
  bool outcome_unknown = true;  // false: surely nothing was written
  std::string detail;
};

// Order: blocks sort by (first, number). The caller appends them in that order and never the same one twice.
// Threads: `append` from one thread; `cursor` from any.
class Journal {
 public:
  virtual ~Journal() = default;

  // All blocks or none. Durability: on disk when it returns. After a failure the journal takes nothing more.
  virtual Result<void, JournalFailure> append(std::span<const JournalBlock> blocks) = 0;

  // Walks the blocks that were durable when it was made. Not thread-safe; destroyed before the journal.
  class Cursor {
   public:
    virtual ~Cursor() = default;
    // To the last block with first <= `position`; false if there is none.
    virtual Result<bool, StoreError> seek(Position position) = 0;
    // From a block to its neighbour; false if there is none (then the cursor is nowhere and wants a seek).
    virtual Result<bool, StoreError> next() = 0;
    virtual Result<bool, StoreError> previous() = 0;
    // Lifetime: until the cursor moves.
    [[nodiscard]] virtual BytesView bytes() const = 0;
  };
  enum class Access : std::uint8_t { scan, points };  // scan: read ahead and leave the cache alone
  virtual Result<std::unique_ptr<Cursor>, StoreError> cursor(Access access) = 0;
};

enum class OpenMode : std::uint8_t { write, read_only };

// Blocks as one RocksDB key each, in `directory`. Read-only: as a secondary of a process that may be writing.
Result<std::shared_ptr<Journal>, StoreError> open_embedded_journal(const std::filesystem::path& directory,
                                                                   rocksdb::Env* env, OpenMode mode = OpenMode::write);

// Blocks in memory, gone with the last owner. Not durable: for tests and throw-away stores.
std::shared_ptr<Journal> make_memory_journal();

}  // namespace flowstone::eventstore
