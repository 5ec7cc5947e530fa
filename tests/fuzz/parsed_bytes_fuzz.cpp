// Any bytes as a stored result, behind the text that they may belong to: they are refused, or written again as they
// were.
#include <algorithm>

#include "base/check.hpp"
#include "base/digest.hpp"
#include "documents/parsed.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flowstone;             // NOLINT: the whole program is this function
  using namespace flowstone::documents;  // NOLINT
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};  // NOLINT: bytes seen as chars
  static_cast<void>(from_bytes(bytes, Text()));
  // With the right beginning, so that the fields are reached.
  const auto text = Text::from_utf8("# Head\n\nA text of some words, to which the result belongs.\n");
  Parsed empty;
  empty.text = *text;
  std::string whole = to_bytes(empty);
  constexpr std::size_t kHeader = 4 + 1 + 32;
  whole.replace(kHeader, std::string::npos, bytes);
  const auto parsed = from_bytes(whole, *text);
  if (parsed) check(to_bytes(*parsed) == whole, "what was read is written as it was");
  return 0;
}
