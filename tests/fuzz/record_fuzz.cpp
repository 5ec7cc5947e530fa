// Any bytes as a record: what is accepted has one text.
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
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
  return 0;
}
