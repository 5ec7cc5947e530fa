// A rectangle of a page in place of words: the fragment selector of W3C Web Annotation as RFC 8118 writes it for PDF,
// `page=2&viewrect=72,90.5,200,14`: left, top, width and height in points from the page's upper left corner.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "documents/source_map.hpp"

namespace flowstone::documents {

struct PageBox {
  std::uint32_t page = 1;
  Box box;

  bool operator==(const PageBox&) const = default;
};

// Takes `xywh` of W3C Media Fragments for `viewrect` too. Nothing where it is no such fragment, or the box is empty.
std::optional<PageBox> parse_page_box(std::string_view fragment);
std::string to_text(const PageBox& box);

// The words whose middle is in the box, as spans without a word between that is not; ascending.
std::vector<Span> words_in_box(const SourceMap& source, const PageBox& box);
// The box around the span's words, on the page of the first of them. Nothing where the format has no pages.
std::optional<PageBox> box_around(const SourceMap& source, Span span);

}  // namespace flowstone::documents
