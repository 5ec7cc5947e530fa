// Any bytes as a block whose checksum was right: damage must be found by the structure too, and what is accepted is
// read completely and has one text.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/check.hpp"
#include "eventstore/block.hpp"
#include "eventstore/encoding.hpp"
#include "eventstore/index_batch.hpp"

using namespace flowstone;              // NOLINT: the program is about this room
using namespace flowstone::eventstore;  // NOLINT

namespace {

constexpr std::size_t kChecksum = 4;

Bytes built_again(const BlockReader& block) {
  BlockBuilder builder;
  for (const AppendEntry& append : block.appends()) {
    Bytes records;
    for (Position at = append.first; at <= append.last; ++at.value) records += block.record(at);
    builder.add(append, records);
  }
  Bytes again = builder.finish(block.number(), block.first());
  seal_block(again, block.root());
  return again;
}

void read_all(BlockReader& block) {
  RecordedEvent event;
  for (Position at = block.first(); block.holds(at); ++at.value) {
    if (!block.event(at, event)) continue;
    check(event.position == at, "a record that says another position is malformed");
    check(event.append_first <= at && at <= event.append_last, "an event lies in its append");
  }
  for (const AppendEntry& append : block.appends()) {
    if (const auto named = block.named(append)) {
      const auto stored = decode_answer(encode_answer(*named));
      check(stored && stored->answer.revisions.size() == append.writes.size(), "an answer goes there and back");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(reinterpret_cast<const char*>(data), size);  // NOLINT: bytes seen as chars
  BlockReader block;
  if (!block.open(bytes, BlockReader::Trust::as_is)) return 0;
  read_all(block);
  Bytes again = built_again(block);
  std::memcpy(bytes.data() + kChecksum, again.data() + kChecksum, sizeof(std::uint32_t));
  check(again == bytes, "a block that is accepted has one text");
  CommittedBlock committed;
  committed.bytes = std::move(again);
  committed.first = block.first();
  static_cast<void>(IndexBatch().add(committed));
  if (const auto recomputed = recompute_block(std::move(bytes))) {
    check((*recomputed)->leaves.size() == block.events(), "every event has a leaf");
  }
  return 0;
}
