#include "documents/outline.hpp"

#include <algorithm>

namespace flowstone::documents {

std::vector<OutlineEntry> outline_of(const Parsed& parsed) {
  std::vector<OutlineEntry> outline;
  std::vector<std::size_t> open;
  for (const Block& block : parsed.blocks) {
    if (block.kind != BlockKind::heading) continue;
    for (; !open.empty() && outline[open.back()].level >= block.level; open.pop_back()) {
      outline[open.back()].section.end = block.span.start;
    }
    open.push_back(outline.size());
    outline.push_back({.title = visible_text(parsed, block.span),
                       .level = block.level,
                       .heading = block.span,
                       .section = {block.span.start, parsed.text.size()}});
  }
  return outline;
}

Sections::Sections(const Parsed& parsed) : parsed_(parsed) {
  std::vector<std::int32_t> open;
  for (const OutlineEntry& entry : parsed.outline) {
    while (!open.empty() && parsed.outline[static_cast<std::size_t>(open.back())].level >= entry.level) open.pop_back();
    parents_.push_back(open.empty() ? -1 : open.back());
    open.push_back(static_cast<std::int32_t>(parents_.size()) - 1);
  }
}

std::vector<std::uint32_t> Sections::path_at(std::uint32_t code_point) const {
  const auto after = std::ranges::upper_bound(parsed_.outline, code_point, {},
                                              [](const OutlineEntry& entry) { return entry.section.start; });
  std::vector<std::uint32_t> path;
  for (auto at = static_cast<std::int32_t>(after - parsed_.outline.begin()) - 1; at >= 0;
       at = parents_[static_cast<std::size_t>(at)]) {
    path.push_back(static_cast<std::uint32_t>(at));
  }
  std::ranges::reverse(path);
  return path;
}

std::string Sections::title_path(std::uint32_t code_point) const {
  std::string joined;
  for (const std::uint32_t at : path_at(code_point)) {
    if (!joined.empty()) joined += " / ";
    joined += parsed_.outline[at].title;
  }
  return joined;
}

}  // namespace flowstone::documents
