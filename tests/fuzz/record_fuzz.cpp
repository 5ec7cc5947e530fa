// Records and blocks from bytes that may be anything: no crash, and what is accepted is read completely.
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "eventstore/block.hpp"
#include "eventstore/record.hpp"

using namespace flowstone;              // NOLINT: the program is about this room
using namespace flowstone::eventstore;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes(reinterpret_cast<const char*>(data), size);  // NOLINT: bytes seen as chars
  RecordedEvent event;
  if (decode_record(bytes, event)) {
    Bytes again;
    encode_record(again, event);
    check(again == bytes, "a record that is accepted has one text");
  }
  BlockReader block;
  // As if the checksum had been right: damage must be found by the structure too.
  if (block.open(bytes, BlockReader::Trust::as_is)) {
    for (Position at = block.first(); block.holds(at); ++at.value) {
      if (block.event(at, event))
        check(event.append_first <= at && at <= event.append_last, "an event lies in its append");
    }
  }
  return 0;
}
