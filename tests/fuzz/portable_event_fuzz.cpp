// Any line as an event of an export: it is refused with a reason, or has everything that an event must have.
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "cli/portable_event.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flowstone;
  const std::string_view line(reinterpret_cast<const char*>(data), size);  // NOLINT: bytes seen as chars
  const auto event = cli::parse_portable(line);
  if (event) {
    check((*event)->event.payload.data() == (*event)->payload.data(), "an event's views point into its own texts");
  } else {
    check(!event.error().empty(), "a refusal has a reason");
  }
  return 0;
}
