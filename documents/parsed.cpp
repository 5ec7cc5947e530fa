#include "documents/parsed.hpp"

#include <algorithm>

#include "documents/normalise.hpp"

namespace flowstone::documents {

std::string_view header_of(const Parsed& parsed, const TableCell& cell) {
  const auto& header = parsed.tables[cell.table].header;
  return cell.column < header.size() ? std::string_view(header[cell.column]) : std::string_view();
}

std::string visible_text(const Parsed& parsed, Span span) {
  std::string visible;
  std::uint32_t at = span.start;
  auto hidden = std::ranges::upper_bound(parsed.invisible, span.start, {}, &Span::end);
  for (; hidden != parsed.invisible.end() && hidden->start < span.end; ++hidden) {
    if (hidden->start > at) visible += parsed.text.slice({at, hidden->start});
    at = std::max(at, hidden->end);
  }
  if (at < span.end) visible += parsed.text.slice({at, span.end});
  return canonical_block(visible).utf8;
}

}  // namespace flowstone::documents
