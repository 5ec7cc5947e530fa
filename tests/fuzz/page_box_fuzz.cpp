// Any text as a box on a page: what is read is written and read again as the same box.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "documents/page_box.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flowstone::documents;  // NOLINT: the whole program is this function
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto box = parse_page_box(text)) {
    flowstone::check(box->box.right > box->box.left && box->box.bottom > box->box.top, "a box holds something");
    flowstone::check(parse_page_box(to_text(*box)) == box, "a box goes there and back");
  }
  return 0;
}
