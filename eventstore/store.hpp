// The log: append, read, follow. The one door to the event store.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "base/position.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "eventstore/append.hpp"
#include "eventstore/event.hpp"
#include "eventstore/filter.hpp"

namespace rocksdb {
class Env;
}

namespace flowstone::eventstore {

class Journal;

struct StoreOptions {
  std::filesystem::path directory;
  rocksdb::Env* env = nullptr;          // nullptr: the operating system's. Tests put a faulty one here
  std::shared_ptr<Journal> journal;     // nullptr: the embedded one in `directory`
  const Clock* clock = nullptr;         // nullptr: the system's; outlives the store
  std::size_t queue_bytes = 64 << 20;   // appends waiting for the sequencer beyond this are refused (queue_full)
  std::size_t recent_bytes = 32 << 20;  // committed blocks kept in memory for those who follow the log live
  std::size_t stream_heads = 1 << 18;   // streams whose head revision is remembered
};

struct StoreError {
  enum class Code : std::uint8_t {
    locked,        // another process has the directory open; `detail` names its pid
    newer_format,  // written by a newer Flowstone
    corrupt,       // `position` and `detail` say what does not match
    io,
    mismatch,  // an import that does not fit onto this log; `position` and `detail` say where and why
  };
  Code code = Code::io;
  Position position;
  std::string detail;
};

// Yields matching events in order. Not thread-safe; holds a consistent view of the log taken when it was made.
// A reader that meets damage returns `corrupt` with the position, and never yields the damaged event.
class Reader {
 public:
  virtual ~Reader() = default;
  // The next matching event, or nullptr at the end. The event lives until the next call.
  virtual Result<const RecordedEvent*, StoreError> next() = 0;
  // Every position up to (forward) or down to (backward) this one has been examined: the mark to resume from when a
  // sparse filter matches nothing for long.
  [[nodiscard]] virtual Position examined() const = 0;
};

struct ReadOptions {
  Position from{};  // first position wanted; {0}: the start (forward) or the head (backward)
  Position to{};    // last position wanted in that direction; {0}: no bound
  Direction direction = Direction::forward;
  std::uint64_t examine_at_most = UINT64_MAX;  // stop after examining so many positions; `examined` says where
};

struct LogState {
  Position appended;  // highest position given to an event
  Position durable;   // highest position known to be on disk; readers and subscribers see no further
  Position indexed;   // highest position in the indexes (reads are complete in any case)
  bool accepting = true;
  std::string failure;  // why appends are refused, if they are
};

struct TreeHead {
  Position size;  // the number of leaves: the position of the last event
  Digest root;    // RFC 6962 Merkle tree hash over the leaves 1..size
};

// Durability: an append is answered after the WAL sync that covers it returned.
// Order: positions are dense from 1; revisions are dense from 1 in a stream; no reader sees a position before it is durable.
// Threads: every member may be called from any thread.
// Lifetime: readers must be destroyed before the store. The destructor finishes queued appends, then closes.
class Store {
 public:
  static Result<std::unique_ptr<Store>, StoreError> open(StoreOptions options);
  virtual ~Store() = default;

  // Queues the append; `done` runs exactly once, on the sequencer's thread or (when refused at once) on the caller's.
  // It must be quick and must not block. Completions run in log order.
  using Completion = std::move_only_function<void(AppendResult)>;
  virtual void append(Append append, Completion done) = 0;
  // The same, blocking.
  AppendResult append(Append append);

  // Appends events that already have position, revision, time, salt and all the rest, so that leaves and root are the
  // same as where they come from. They are whole appends, and the first follows the log's head. Blocks; durable when it
  // returns. At the first append that does not fit, `mismatch` says why, and what came before it stays. Commands and
  // writes without events have no event to travel with: they are not carried over.
  virtual Result<void, StoreError> import(std::span<const RecordedEvent> events) = 0;

  // The answer that `command_id` got when it was appended, if it was.
  struct StoredAnswer {
    Appended answer;
    Digest fingerprint;
  };
  [[nodiscard]] virtual Result<std::optional<StoredAnswer>, StoreError> find_command(std::string_view workspace,
                                                                                     std::string_view command_id) = 0;

  // Cost: a filter with a stream, types or categories reads the index and the matching events; others scan.
  [[nodiscard]] virtual Result<std::unique_ptr<Reader>, StoreError> read(const Filter& filter,
                                                                         const ReadOptions& options) = 0;
  // A stream by its own revisions: from `from` on, in order ({0}: from the start, or from the end backward).
  [[nodiscard]] virtual Result<std::unique_ptr<Reader>, StoreError> read_stream(
      std::string_view workspace, std::string_view stream, Revision from, Direction direction = Direction::forward) = 0;
  // Revision of the stream's last durable event; {0} if it has none.
  [[nodiscard]] virtual Result<Revision, StoreError> stream_head(std::string_view workspace,
                                                                 std::string_view stream) = 0;

  // The last position whose event is not younger than `time`; {0} if all are younger.
  [[nodiscard]] virtual Result<Position, StoreError> position_at(Timestamp time) = 0;

  [[nodiscard]] virtual LogState state() const = 0;

  // Blocks until the log is durable beyond `position`, `stop` is requested or `timeout` passed; the durable position
  // then.
  virtual Position wait_beyond(Position position, std::chrono::milliseconds timeout, std::stop_token stop) = 0;
  // Calls `tell(durable)` after each commit on the sequencer's thread, until the returned handle is destroyed
  // (which waits for a call in progress). Must be quick and must not block.
  using Listener = std::function<void(Position durable)>;
  [[nodiscard]] virtual std::shared_ptr<void> on_commit(Listener tell) = 0;

  // The tree over all durable events, or over the first `size` of them.
  [[nodiscard]] virtual TreeHead tree_head() const = 0;
  [[nodiscard]] virtual Result<TreeHead, StoreError> tree_head_at(Position size) = 0;
  // RFC 6962 section 2.1.1 and 2.1.2: audit path of the leaf at `position` in the tree of `size`; consistency of two
  // sizes.
  [[nodiscard]] virtual Result<std::vector<Digest>, StoreError> inclusion_proof(Position position, Position size) = 0;
  [[nodiscard]] virtual Result<std::vector<Digest>, StoreError> consistency_proof(Position first, Position second) = 0;

  // Reads every record, recomputes every digest and the root, and compares with what was committed.
  // `progress(position)` is called now and then.
  struct Verification {
    TreeHead recomputed;
    TreeHead committed;
  };
  [[nodiscard]] virtual Result<Verification, StoreError> verify(const std::function<void(Position)>& progress) = 0;

  // Figures for /metrics, in Prometheus's base units.
  struct Metrics {
    std::uint64_t appends = 0, events = 0, payload_bytes = 0, syncs = 0, refused = 0;
    double sync_seconds = 0;  // spent in synced writes
    std::uint64_t queued_bytes = 0;
  };
  [[nodiscard]] virtual Metrics metrics() const = 0;
};

// Opens a store that another process is writing, for reading alone (replay, audit). It sees what was durable when it
// was opened.
Result<std::unique_ptr<Store>, StoreError> open_read_only(const std::filesystem::path& directory);

}  // namespace flowstone::eventstore
