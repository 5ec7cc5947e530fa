// Any line as one of an export: it is refused with a reason, or is an event, a seal or a piece of a file that is
// written back and read as the same.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.hpp"
#include "cli/portable_blob.hpp"
#include "cli/portable_event.hpp"
#include "eventstore/import.hpp"

namespace {

using namespace flowstone;  // NOLINT: the whole program is this file

void read_seal(std::string_view line) {
  const auto seal = cli::parse_seal(line);
  if (!seal) return check(!seal.error().empty(), "a refusal has a reason");
  std::string again;
  cli::append_seal(*seal, again);
  check(cli::is_seal(again), "a seal is told from an event");
  check(cli::parse_seal(again)->lines == seal->lines, "a seal goes there and back");
}

void read_piece(std::string_view line) {
  const auto piece = cli::parse_piece(line);
  if (!piece) return check(!piece.error().empty(), "a refusal has a reason");
  check(piece->offset + piece->bytes.size() <= piece->size, "a piece is within its file");
  std::string again;
  cli::append_portable(piece->workspace, piece->digest,
                       {.size = piece->size, .offset = piece->offset, .bytes = piece->bytes}, again);
  check(cli::is_piece(again), "a piece is told from an event");
  check(cli::parse_piece(again)->bytes == piece->bytes, "a piece goes there and back");
}

void write_back(const eventstore::RecordedEvent& event) {
  std::string line;
  cli::append_portable(event, line);
  const auto again = cli::parse_portable(std::string_view(line).substr(0, line.size() - 1));
  check(again.has_value(), "an event that a log takes is written as a line that can be read");
  const auto& read = (*again)->event;
  check(read.position == event.position && read.time == event.time && read.type == event.type, "and is the same");
  check(read.payload == event.payload && read.payload_digest == event.payload_digest, "with its payload");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);  // NOLINT: bytes seen as chars
  read_seal(line);
  read_piece(line);
  const auto parsed = cli::parse_portable(line);
  if (!parsed) {
    check(!parsed.error().empty(), "a refusal has a reason");
    return 0;
  }
  const auto& event = (*parsed)->event;
  check(event.payload.data() == (*parsed)->payload.data(), "an event's views point into its own texts");
  if (eventstore::prepare_import({&event, 1})) write_back(event);
  return 0;
}
