// What a parser makes of a file: canonical text and its structure, as plain values.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "documents/limits.hpp"
#include "documents/media_type.hpp"
#include "documents/source_map.hpp"
#include "documents/text.hpp"

namespace flowstone::documents {

// Stored: values are never given a new meaning.
enum class BlockKind : std::uint8_t {
  paragraph = 0,
  heading = 1,    // level 1-6 (deeper ones count as 6)
  list_item = 2,  // a paragraph of an item; level = depth of its list from 1
  code = 3,
  quote = 4,         // a paragraph in a quotation; level = depth from 1
  table_row = 5,     // cells are in `cells`
  front_matter = 6,  // `key: value` lines before a Markdown document
  footnote = 7,
  page_header = 8,  // what stands above and below the pages of a Word file: once, before and behind the text
  page_footer = 9,
  comment = 10,  // in the margin of a Word file: behind the text
};
inline constexpr std::uint8_t kLastBlockKind = 10;

struct Block {
  BlockKind kind = BlockKind::paragraph;
  std::uint8_t level = 0;
  Span span;

  bool operator==(const Block&) const = default;
};

struct OutlineEntry {
  std::string title;  // as a reader sees it
  std::uint8_t level = 1;
  Span heading;  // the heading's block
  Span section;  // from the heading to the next one of its level or a higher one

  bool operator==(const OutlineEntry&) const = default;
};

struct Table {
  Span span;
  std::vector<std::string> header;  // one a column; empty if the table has no header row

  bool operator==(const Table&) const = default;
};

struct TableCell {
  std::uint32_t table = 0;  // in `tables`
  std::uint32_t row = 0;    // the header row, if there is one, is row 0
  std::uint32_t column = 0;
  Span span;

  bool operator==(const TableCell&) const = default;
};

struct Link {
  Span span;           // the words that one clicks on
  std::string target;  // as written

  bool operator==(const Link&) const = default;
};

// Order: blocks, outline, tables, cells, links, invisible and strong ascend by their spans; blocks do not overlap, nor do
// cells. All spans are within the text.
struct Parsed {
  Text text;
  MediaType type = MediaType::unsupported;
  std::string parser;   // name and version of what read it: "markdown cmark-gfm 0.29.0.gfm.6 / 1". Same parser and
                        // bytes: same result
  std::string charset;  // in which the bytes were read: "UTF-8"; empty where the format says it itself
  std::vector<std::string> warnings;  // sentences: what was guessed or left out
  std::vector<Block> blocks;
  std::vector<OutlineEntry> outline;
  std::vector<Table> tables;
  std::vector<TableCell> cells;
  std::vector<Link> links;
  std::vector<Span> invisible;  // markup of Markdown: in the text, but not what a reader reads
  std::vector<Span> strong;     // what the writer made bold
  SourceMap source;
};

// The column's header, or nothing where the table has none.
std::string_view header_of(const Parsed& parsed, const TableCell& cell);
// The span's text as a reader sees it: without what is invisible, white space collapsed and trimmed.
std::string visible_text(const Parsed& parsed, Span span);

// Everything but the text, in a compact form of its own: the same value always gives the same bytes.
std::string to_bytes(const Parsed& parsed);
// Nothing where the bytes are not such a form of something that fits the text (its size and SHA-256 are part of the
// bytes).
std::optional<Parsed> from_bytes(std::string_view bytes, Text text);

}  // namespace flowstone::documents
