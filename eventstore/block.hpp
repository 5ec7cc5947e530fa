// The unit in the journal: some appends, whole, with the root of the tree after them. docs/formats/block.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "base/result.hpp"
#include "eventstore/append.hpp"
#include "eventstore/encoding.hpp"
#include "eventstore/event.hpp"

namespace flowstone::eventstore {

struct BlockLayout {
  static constexpr BytesView kMagic = "FSB1";  // the digit is the format's version
  static constexpr std::size_t kHeader = 72;
  static constexpr std::size_t kAtMost = 64 << 20;  // bytes of a block that a reader accepts
  static constexpr std::size_t kTarget = 32 << 10;  // a block that has reached this takes no further append
};

// How far one write of an append brought its stream.
struct WriteSpan {
  std::uint32_t events = 0;
  Revision revision;
};

// One append as the block remembers it. Lifetime of the views: the block's bytes.
struct AppendEntry {
  Position first;  // first > last: it had no events
  Position last;
  std::span<const WriteSpan> writes;
  bool is_command = false;  // it has a command id, and a fingerprint
  Digest fingerprint{};
  // Where there are events, their records hold these: `BlockReader::named` fills them in.
  std::string_view workspace;
  std::string_view command_id;
  Timestamp time;
};

// Collects appends into one block. Reusable after `finish`.
class BlockBuilder {
 public:
  BlockBuilder() { begin(); }
  // `records` are the append's complete, stamped records, in the order of the writes.
  void add(const AppendEntry& entry, BytesView records);
  [[nodiscard]] bool empty() const { return appends_ == 0; }
  [[nodiscard]] std::size_t size() const { return block_.size() + table_.size(); }
  [[nodiscard]] std::uint32_t events() const { return events_; }
  // The block but for its root and checksum: `seal_block` brings them.
  Bytes finish(std::uint64_t number, Position first);

 private:
  void begin();

  std::uint32_t events_ = 0;
  std::uint32_t appends_ = 0;
  Bytes block_;  // the header's place, then the records
  Bytes table_;
};

// Writes the root of the tree after the block, and the checksum over everything.
void seal_block(Bytes& block, const Digest& root);

// What an unchecked block says about itself; nothing if it is too short to say it.
struct BlockExtent {
  std::uint64_t number = 0;
  Position first;
  std::uint32_t events = 0;
};
std::optional<BlockExtent> block_extent(BytesView bytes);

// A block opened for reading.
// Cost: opening walks the records by their sizes and reads the append table; events are decoded when asked for.
class BlockReader {
 public:
  enum class Trust : std::uint8_t { checksum, as_is };  // as_is: the bytes were never out of this process's memory

  // `bytes` must outlive the reader's use. What is wrong with them, if anything; then the reader holds no events.
  Result<void, std::string> open(BytesView bytes, Trust trust = Trust::checksum);

  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] Position first() const { return first_; }
  [[nodiscard]] Position last() const { return {first_.value + events() - 1}; }  // first - 1 if it has no events
  [[nodiscard]] std::size_t events() const { return offsets_.empty() ? 0 : offsets_.size() - 1; }
  [[nodiscard]] const Digest& root() const { return root_; }
  [[nodiscard]] bool holds(Position position) const {
    return position >= first_ && position.value < first_.value + events();
  }
  [[nodiscard]] std::span<const AppendEntry> appends() const { return appends_; }
  // One of `appends()` with workspace, command id and time; nothing if its first record is malformed.
  [[nodiscard]] std::optional<AppendEntry> named(AppendEntry append) const;

  // The bytes of the event at `position`, which must be in the block.
  [[nodiscard]] BytesView record(Position position) const;
  // Decodes it; false if it is malformed.
  bool event(Position position, RecordedEvent& event);

 private:
  Result<void, std::string> read_header(BytesView bytes, Trust trust);
  Result<void, std::string> read_records(BytesView records, std::uint32_t count);
  Result<void, std::string> read_appends(BytesView table, std::uint32_t count);
  bool read_append(ByteReader& reader, AppendEntry& entry);

  std::uint64_t number_ = 0;
  Position first_;
  Digest root_{};
  BytesView records_;
  std::vector<std::uint32_t> offsets_;  // of each record, and the end
  std::vector<WriteSpan> writes_;
  std::vector<std::size_t> first_writes_;  // of each append, in `writes_`
  std::vector<AppendEntry> appends_;
  std::size_t append_hint_ = 0;  // the append that the last decoded event came with
};

// A block as it was committed, kept in memory for followers and for the indexer.
struct CommittedBlock {
  Bytes bytes;
  std::uint64_t number = 0;
  Position first;
  std::uint32_t events = 0;
  Digest root{};
  std::vector<Digest> leaves;        // leaf hash of each event
  std::vector<std::size_t> streams;  // hash of each event's stream key: lets a reader of one stream skip blocks
  [[nodiscard]] Position last() const { return {first.value + events - 1}; }
};
using SharedBlock = std::shared_ptr<const CommittedBlock>;

// How a stream is named inside the store: workspace and stream with a zero byte between.
inline void append_stream_key(Bytes& out, std::string_view workspace, std::string_view stream) {
  out.append(workspace).push_back('\0');
  out.append(stream);
}

// A committed block from its bytes, with its leaves and stream hashes computed anew. What is wrong with it, if
// anything.
Result<SharedBlock, std::string> recompute_block(Bytes bytes);

}  // namespace flowstone::eventstore
