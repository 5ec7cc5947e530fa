#include "documents/text_builder.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "documents/parsers.hpp"

namespace flowstone::documents {
namespace {

std::uint32_t narrow(std::size_t size) { return static_cast<std::uint32_t>(size); }

bool is_canonical_block(std::string_view text) {
  bool after_space = true;
  for (const char byte : text) {
    if (byte < ' ' || byte > '~') return false;
    if (byte == ' ' && after_space) return false;
    after_space = byte == ' ';
  }
  return !after_space;
}

Canonical canonical_code(std::string_view raw) {
  Canonical code = canonical_source(raw);
  const std::size_t last = code.utf8.find_last_not_of(" \t\n");
  code.utf8.resize(last == std::string::npos ? 0 : last + 1);
  return code;
}

}  // namespace

void TextBuilder::begin_block(BlockKind kind, std::uint8_t level) {
  end_block();
  kind_ = kind;
  level_ = level;
}

void TextBuilder::open_block() {
  if (block_open_) return;
  if (!text_.empty()) {
    const bool next_row = kind_ == BlockKind::table_row && in_table_ && !first_row_;
    text_ += next_row ? "\n" : "\n\n";
  }
  block_begin_ = narrow(text_.size());
  block_open_ = true;
}

void TextBuilder::end_block() {
  flush();
  if (!block_open_) return;
  block_open_ = false;
  const std::uint32_t end = narrow(text_.size());
  if (end > block_begin_) parsed_.blocks.push_back({kind_, level_, {block_begin_, end}});
}

void TextBuilder::append(std::string_view text, std::optional<std::size_t> offset) {
  if (text.empty()) return;
  if (offset) raw_places_.append({narrow(raw_.size()), narrow(*offset), 1, 1});
  raw_ += text;
}

void TextBuilder::append_for(std::string_view text, std::size_t offset) {
  if (text.empty()) return;
  raw_places_.append({narrow(raw_.size()), narrow(offset), 1, 0});
  raw_ += text;
}

void TextBuilder::append_word(std::string_view text, std::uint32_t page, const Box& box) {
  const std::uint32_t begin = narrow(raw_.size());
  raw_ += text;
  closed_.push_back({MarkKind::word, begin, narrow(raw_.size()), {}, page, box});
}

void TextBuilder::begin_link(std::string_view target) {
  open_.push_back({MarkKind::link, narrow(raw_.size()), 0, std::string(target), 0, {}});
}
void TextBuilder::begin_strong() { open_.push_back({MarkKind::strong, narrow(raw_.size()), 0, {}, 0, {}}); }
void TextBuilder::end_link() { end_mark(MarkKind::link); }
void TextBuilder::end_strong() { end_mark(MarkKind::strong); }

void TextBuilder::end_mark(MarkKind kind) {
  const auto found = std::find_if(open_.rbegin(), open_.rend(), [kind](const Mark& mark) { return mark.kind == kind; });
  if (found == open_.rend()) return;
  found->end = narrow(raw_.size());
  closed_.push_back(std::move(*found));
  open_.erase(std::next(found).base());
}

// Moves what is collected into the text. Marks that are open go on in the next piece.
void TextBuilder::flush() {
  for (Mark& mark : open_) {
    if (mark.begin < raw_.size()) {
      closed_.push_back(mark);
      closed_.back().end = narrow(raw_.size());
    }
    mark.begin = 0;
  }
  Canonical piece;
  if (kind_ == BlockKind::code && !in_cell_) {
    piece = canonical_code(raw_);
  } else if (is_canonical_block(raw_)) {
    piece.utf8 = std::move(raw_);
    piece.map.append({});
  } else {
    piece = canonical_block(raw_);
  }
  if (!piece.utf8.empty()) {
    open_block();
    const std::uint32_t base = narrow(text_.size());
    text_ += piece.utf8;
    keep_places(piece, base);
    keep_marks(piece, base);
  }
  raw_.clear();
  raw_places_ = {};
  closed_.clear();
}

void TextBuilder::keep_places(const Canonical& piece, std::uint32_t base) {
  if (raw_places_.empty() || source_ == nullptr) return;
  const std::uint32_t size = narrow(piece.utf8.size());
  const ByteMap places = piece.map.through(raw_places_, size).through(*source_, size);
  for (ByteMap::Segment segment : places.segments()) {
    segment.from += base;
    parsed_.source.bytes.append(segment);
  }
}

void TextBuilder::keep_marks(const Canonical& piece, std::uint32_t base) {
  const std::uint32_t size = narrow(piece.utf8.size());
  for (const Mark& mark : closed_) {
    Span bytes{piece.map.first_from(mark.begin, size), piece.map.first_from(mark.end, size)};
    while (bytes.start < bytes.end && piece.utf8[bytes.start] == ' ') ++bytes.start;
    while (bytes.start < bytes.end && piece.utf8[bytes.end - 1] == ' ') --bytes.end;
    if (bytes.start < bytes.end) keep_mark(mark, {base + bytes.start, base + bytes.end});
  }
}

void TextBuilder::keep_mark(const Mark& mark, Span bytes) {
  switch (mark.kind) {
    case MarkKind::link:
      parsed_.links.push_back({bytes, mark.target});
      break;
    case MarkKind::strong:
      parsed_.strong.push_back(bytes);
      break;
    case MarkKind::word:
      parsed_.source.words.push_back({bytes, mark.page, mark.box});
      break;
  }
}

void TextBuilder::begin_table() {
  end_block();
  in_table_ = true;
  first_row_ = true;
  row_ = 0;
  parsed_.tables.push_back({{narrow(text_.size()), narrow(text_.size())}, {}});
}

void TextBuilder::begin_row() {
  begin_block(BlockKind::table_row, 0);
  open_block();
  if (first_row_) parsed_.tables.back().span.start = narrow(text_.size());
  column_ = 0;
}

void TextBuilder::begin_cell() {
  flush();
  if (column_ > 0) text_ += '\t';
  parsed_.cells.push_back(
      {narrow(parsed_.tables.size() - 1), row_, column_, {narrow(text_.size()), narrow(text_.size())}});
  in_cell_ = true;
}

void TextBuilder::end_cell(std::uint32_t columns) {
  flush();
  parsed_.cells.back().span.end = narrow(text_.size());
  in_cell_ = false;
  column_ += std::max<std::uint32_t>(columns, 1);
}

void TextBuilder::end_row() {
  end_block();
  parsed_.tables.back().span.end = narrow(text_.size());
  kind_ = BlockKind::paragraph;
  first_row_ = false;
  ++row_;
}

void TextBuilder::end_table(bool has_header) {
  end_block();
  in_table_ = false;
  Table& table = parsed_.tables.back();
  if (!has_header) return;
  const auto number = narrow(parsed_.tables.size() - 1);
  const auto first = std::ranges::lower_bound(parsed_.cells, number, {}, &TableCell::table);
  for (auto cell = first; cell != parsed_.cells.end() && cell->row == 0; ++cell) {
    table.header.resize(cell->column);
    table.header.push_back(text_.substr(cell->span.start, cell->span.size()));
  }
}

std::optional<ParseError> TextBuilder::excess() const {
  if (text_.size() + raw_.size() > limits_.characters) return too_many("bytes of text", limits_.characters);
  if (parsed_.blocks.size() > limits_.blocks) return too_many("paragraphs", limits_.blocks);
  if (parsed_.cells.size() > limits_.cells) return too_many("table cells", limits_.cells);
  return std::nullopt;
}

Parsed TextBuilder::finish() {
  end_block();
  auto text = Text::from_utf8(std::move(text_));
  check(text.has_value(), "canonical pieces make canonical text");
  const auto count = [&](Span& bytes) { bytes = {text->code_point_of(bytes.start), text->code_point_of(bytes.end)}; };
  for (Block& block : parsed_.blocks) count(block.span);
  for (Table& table : parsed_.tables) count(table.span);
  for (TableCell& cell : parsed_.cells) count(cell.span);
  for (Link& link : parsed_.links) count(link.span);
  for (Span& span : parsed_.strong) count(span);
  for (PageWord& word : parsed_.source.words) count(word.span);
  std::ranges::sort(parsed_.links, {}, &Link::span);
  std::ranges::sort(parsed_.strong);
  parsed_.text = *std::move(text);
  return std::move(parsed_);
}

}  // namespace flowstone::documents
