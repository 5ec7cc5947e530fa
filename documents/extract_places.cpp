// Extractors that go by structure: headings, links, cells, fields.
#include <algorithm>

#include <fmt/format.h>

#include "documents/extracting.hpp"
#include "documents/normalise.hpp"
#include "documents/values.hpp"

namespace flowstone::documents {
namespace {

// The bytes of a line of the block, cut where the text keeps line ends.
template <class Each>
void each_line(const Parsed& parsed, const Block& block, Each&& each) {
  const std::string_view text = parsed.text.utf8();
  const std::uint32_t end = parsed.text.byte_of(block.span.end);
  for (std::uint32_t at = parsed.text.byte_of(block.span.start); at < end;) {
    const auto line_end = static_cast<std::uint32_t>(std::min<std::size_t>(text.find('\n', at), end));
    each(at, line_end);
    at = line_end + 1;
  }
}

// The colon that ends the label of a field: it is followed by white space, or by markup that ends.
std::size_t colon_of(std::string_view line) {
  constexpr std::size_t kLongest = 80;
  const std::size_t colon = line.substr(0, kLongest).find(':');
  if (colon == std::string_view::npos || colon == 0) return std::string_view::npos;
  const std::size_t next = line.find_first_not_of("*_`", colon + 1);
  const bool ends = next != std::string_view::npos && (line[next] == ' ' || line[next] == '\t');
  return ends ? colon : std::string_view::npos;
}

bool is_label(std::string_view label) {
  constexpr std::ptrdiff_t kMostSpaces = 5;
  if (label.empty() || std::ranges::count(label, ' ') > kMostSpaces) return false;
  const bool letter =
      std::ranges::any_of(label, [](char byte) { return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z'; });
  return letter && label.find_first_of(".;?!,\"") == std::string_view::npos;
}

bool is_strong(const Parsed& parsed, Span span) {
  const auto behind = std::ranges::lower_bound(parsed.strong, span.end, {}, &Span::start);
  return behind != parsed.strong.begin() && (behind - 1)->end > span.start;
}

struct Field {
  std::string name;
  Span label;
  Span value;
};

std::optional<Field> field_of_line(const Parsed& parsed, std::uint32_t begin, std::uint32_t end) {
  const std::size_t colon = colon_of(parsed.text.utf8().substr(begin, end - begin));
  if (colon == std::string_view::npos) return std::nullopt;
  const auto at = static_cast<std::uint32_t>(begin + colon);
  Field field;
  field.label = {parsed.text.code_point_of(begin), parsed.text.code_point_of(at)};
  field.value = trimmed(parsed, {parsed.text.code_point_of(at + 1), parsed.text.code_point_of(end)});
  field.name = visible_text(parsed, field.label);
  if (field.value.empty() || !is_label(field.name)) return std::nullopt;
  return field;
}

// Lines of fields; or one field, whose value goes on in the lines below.
void fields_of_block(Collector& collector, const Block& block) {
  const Parsed& parsed = collector.parsed();
  std::vector<Field> fields;
  std::size_t lines = 0;
  bool first_line = false;
  each_line(parsed, block, [&](std::uint32_t begin, std::uint32_t end) {
    auto field = field_of_line(parsed, begin, end);
    first_line = first_line || (field && lines == 0);
    if (field) fields.push_back(*std::move(field));
    ++lines;
  });
  if (fields.size() == 1 && first_line && lines > 1)
    fields[0].value = trimmed(parsed, {fields[0].value.start, block.span.end});
  for (const Field& field : fields) {
    const std::string written = visible_text(parsed, field.value);
    const ValueType type = type_of_value(written);
    // A bold term with words behind it is a definition.
    if (type == ValueType::text && is_strong(parsed, field.label)) continue;
    collector.add("field", field.name, type, normalise_value(written, type).value_or(""), field.value);
  }
}

}  // namespace

void extract_headings(Collector& collector) {
  const Parsed& parsed = collector.parsed();
  for (const OutlineEntry& entry : parsed.outline) {
    collector.add("heading", "", ValueType::text, ExtractionKeys::without_number(entry.title),
                  trimmed(parsed, entry.heading));
  }
}

void extract_values(Collector& collector) {
  const Parsed& parsed = collector.parsed();
  for (const Block& block : parsed.blocks) {
    if (block.kind == BlockKind::code) continue;
    if (collector.full()) return;
    const std::uint32_t begin = parsed.text.byte_of(block.span.start);
    for (auto& found : find_values(parsed.text.slice(block.span))) {
      const Span span{parsed.text.code_point_of(begin + static_cast<std::uint32_t>(found.begin)),
                      parsed.text.code_point_of(begin + static_cast<std::uint32_t>(found.end))};
      if (collector.hidden(span)) continue;
      const std::string label = found.type == ValueType::email ? "" : collector.keys().words_before(span.start, block);
      collector.add(name_of(found.type), label, found.type, std::move(found.normalised), span);
    }
  }
}

void extract_links(Collector& collector) {
  for (const Link& link : collector.parsed().links) {
    collector.add("link", visible_text(collector.parsed(), link.span), ValueType::link, link.target, link.span);
  }
}

void extract_fields(Collector& collector) {
  for (const Block& block : collector.parsed().blocks) {
    if (block.kind == BlockKind::code || block.kind == BlockKind::table_row) continue;
    if (collector.full()) return;
    fields_of_block(collector, block);
  }
}

// A cell is told by the first cell of its row and the header of its column.
void extract_cells(Collector& collector) {
  const Parsed& parsed = collector.parsed();
  std::string row_label;
  for (const TableCell& cell : parsed.cells) {
    if (collector.full()) return;
    const auto& header = parsed.tables[cell.table].header;
    if (cell.row == 0 && !header.empty()) continue;
    if (cell.column == 0) row_label = visible_text(parsed, cell.span);
    if (cell.column == 0 && header.size() > 1) continue;
    const Span span = trimmed(parsed, cell.span);
    if (span.empty()) continue;
    const std::string written = visible_text(parsed, span);
    const std::string_view title = header_of(parsed, cell);
    const std::string column = title.empty() ? fmt::format("column {}", cell.column + 1) : std::string(title);
    const ValueType type = type_of_value(written);
    collector.add("cell", cell.column == 0 ? column : row_label + " / " + column, type,
                  normalise_value(written, type).value_or(""), span);
  }
}

}  // namespace flowstone::documents
