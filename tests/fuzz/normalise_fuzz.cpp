// Any bytes as text in some encoding: what comes out is canonical, and each of its bytes leads back into the file.
#include <algorithm>

#include "base/check.hpp"
#include "documents/normalise.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flowstone;             // NOLINT: the whole program is this function
  using namespace flowstone::documents;  // NOLINT
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};  // NOLINT: bytes seen as chars
  const auto decoded = decode(bytes, {});
  if (!decoded) return 0;
  for (const bool block : {false, true}) {
    const auto form = [block](std::string_view text) { return block ? canonical_block(text) : canonical_source(text); };
    const Canonical canonical = form(decoded->utf8);
    check(Text::from_utf8(canonical.utf8).has_value(), "canonical text is UTF-8");
    check(form(canonical.utf8).utf8 == canonical.utf8, "canonical text stays as it is");
    const auto length = static_cast<std::uint32_t>(canonical.utf8.size());
    const ByteMap map = canonical.map.through(decoded->map, length);
    std::uint32_t before = 0;
    for (std::uint32_t at = 0; at < length; ++at) {
      const std::uint32_t origin = map.origin(at);
      check(origin <= size, "a place is in the file");
      check(origin >= before, "places ascend");
      before = origin;
    }
  }
  return 0;
}
