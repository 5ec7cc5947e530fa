#include "documents/pdf_boxes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace flowstone::documents {
namespace {

// Hundredths of a point; what is off the page or no number is its edge.
std::uint32_t coordinate(std::string_view tag, std::string_view name) {
  constexpr double kMost = 10'000'000;
  const std::size_t at = tag.find(name);
  if (at == std::string_view::npos) return 0;
  const char* const begin = tag.data() + at + name.size();
  double value = 0;
  const auto [end, error] = std::from_chars(begin, tag.data() + tag.size(), value);
  if (error != std::errc() || !(value > 0)) return 0;
  return static_cast<std::uint32_t>(std::min(value * 100 + 0.5, kMost));
}

Box box_of(std::string_view tag) {
  Box box{coordinate(tag, "xMin=\""), coordinate(tag, "yMin=\""), coordinate(tag, "xMax=\""),
          coordinate(tag, "yMax=\"")};
  box.right = std::max(box.left, box.right);
  box.bottom = std::max(box.top, box.bottom);
  return box;
}

std::string without_entities(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, char>, 5> kEntities{
      {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}}};
  std::string plain;
  while (!text.empty()) {
    const auto* const found =
        std::ranges::find_if(kEntities, [&](const auto& entity) { return text.starts_with(entity.first); });
    plain += found == kEntities.end() ? text.front() : found->second;
    text.remove_prefix(found == kEntities.end() ? 1 : found->first.size());
  }
  return plain;
}

}  // namespace

PdfPages read_pdf_boxes(std::string_view xml) {
  PdfPages result;
  for (std::size_t at = xml.find('<'); at != std::string_view::npos; at = xml.find('<', at)) {
    const std::size_t close = xml.find('>', at);
    if (close == std::string_view::npos) break;
    const std::string_view tag = xml.substr(at, close - at);
    at = close + 1;
    if (tag.starts_with("<page ")) {
      ++result.pages;
    } else if (tag.starts_with("<block ")) {
      result.blocks.push_back({std::max(result.pages, 1U), {}});
    } else if (tag.starts_with("<line ")) {
      if (!result.blocks.empty()) result.blocks.back().lines.push_back({box_of(tag), {}});
    } else if (tag.starts_with("<word ")) {
      const std::size_t end = std::min(xml.find('<', at), xml.size());
      if (!result.blocks.empty() && !result.blocks.back().lines.empty()) {
        result.blocks.back().lines.back().words.push_back({without_entities(xml.substr(at, end - at)), box_of(tag)});
      }
      at = end;
    } else if (tag == "</doc") {
      result.complete = true;
    }
  }
  return result;
}

}  // namespace flowstone::documents
