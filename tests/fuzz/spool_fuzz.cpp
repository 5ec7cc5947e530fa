// Any bytes as the records of a spool: what is read is written back as the same bytes.
#include <cstdint>
#include <string>

#include "base/check.hpp"
#include "cli/exec/line_splitter.hpp"
#include "cli/exec/spool_record.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flowstone;
  using namespace flowstone::cli;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);  // NOLINT: bytes seen as chars
  for (auto rest = bytes; auto record = take_record(rest);) {
    std::string again;
    append_record(*record, again);
    auto copy = std::string_view(again);
    const auto second = take_record(copy);
    check(second && copy.empty() && second->bytes == record->bytes && second->at == record->at,
          "a record survives a round trip");
  }
  std::string joined;
  LineSplitter splitter;
  const auto take = [&](LinePiece piece) { joined.append(piece.bytes).append(piece.partial ? "" : "\n"); };
  splitter.put(bytes.substr(0, size / 2), take);
  splitter.flush(take);
  splitter.put(bytes.substr(size / 2), take);
  splitter.finish(take);
  check(joined == bytes || joined == std::string(bytes) + "\n", "no byte of output is lost or doubled");
  return 0;
}
