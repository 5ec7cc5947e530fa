// Any two texts: accepting their diff gives the new one, rejecting it the old one, and so the other way round.
#include <cstdint>
#include <string>

#include "base/check.hpp"
#include "documents/diff.hpp"
#include "documents/diff_render.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flowstone;                                           // NOLINT: the whole program is this function
  using namespace flowstone::documents;                                // NOLINT
  const std::string bytes(reinterpret_cast<const char*>(data), size);  // NOLINT: bytes seen as chars
  const auto middle = std::min(bytes.find('\0'), bytes.size());
  const auto old_text = Text::from_utf8(bytes.substr(0, middle));
  const auto new_text = Text::from_utf8(bytes.substr(std::min(middle + 1, bytes.size())));
  if (!old_text || !new_text) return 0;
  const auto found = diff(*old_text, *new_text);
  check(accept_all(found, *old_text, *new_text) == new_text->utf8(), "accepted is the new text");
  check(reject_all(found, *old_text, *new_text) == old_text->utf8(), "rejected is the old text");
  check(found.empty() == (old_text->utf8() == new_text->utf8()), "equal texts have no changes");
  const auto back = inverted(found);
  check(accept_all(back, *new_text, *old_text) == old_text->utf8(), "inverted takes the new text back");
  check(inverted(back) == found, "inverted twice is the same");
  const auto patch = unified(found, *old_text, *new_text, "old", "new");
  check(patch.empty() == found.empty(), "equal texts have no patch");
  check(html(found, *old_text, *new_text).find("<script") == std::string::npos, "what the texts say is escaped");
  return 0;
}
