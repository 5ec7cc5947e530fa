// Builds canonical text block by block, for formats whose text is not their source: HTML, PDF, DOCX, CSV.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "documents/normalise.hpp"
#include "documents/parsed.hpp"

namespace flowstone::documents {

// Blocks are separated by an empty line, rows of one table by a line end, cells of one row by a tab. White space within
// a block is collapsed (kept in code), ligatures are folded, blocks without text do not exist.
class TextBuilder {
 public:
  // `source`: from the text whose offsets `append` is given to the file; nothing where there are no such offsets.
  TextBuilder(const ParseLimits& limits, const ByteMap* source) : limits_(limits), source_(source) {}

  // Ends the open block. What is appended next belongs to a block of this kind.
  void begin_block(BlockKind kind, std::uint8_t level);
  void end_block();

  // `offset`: where in the source the text stands, letter for letter.
  void append(std::string_view text, std::optional<std::size_t> offset = std::nullopt);
  // Text that stands for the one place in the source: an entity.
  void append_for(std::string_view text, std::size_t offset);
  void append_word(std::string_view text, std::uint32_t page, const Box& box);
  [[nodiscard]] bool has_text() const { return !raw_.empty(); }

  void begin_link(std::string_view target);
  void end_link();
  void begin_strong();
  void end_strong();

  void begin_table();
  void begin_row();
  void begin_cell();
  void end_cell(std::uint32_t columns = 1);
  void end_row();
  // With a header, the cells of row 0 name the columns.
  void end_table(bool has_header);
  [[nodiscard]] bool in_table() const { return in_table_; }

  // The limit that what was built so far exceeds.
  [[nodiscard]] std::optional<ParseError> excess() const;
  // Text and structure. To be called once.
  Parsed finish();

 private:
  enum class MarkKind : std::uint8_t { link, strong, word };
  struct Mark {
    MarkKind kind = MarkKind::link;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::string target;  // link
    std::uint32_t page = 0;
    Box box;
  };

  void flush();
  void keep_places(const Canonical& piece, std::uint32_t base);
  void keep_marks(const Canonical& piece, std::uint32_t base);
  void keep_mark(const Mark& mark, Span bytes);
  void open_block();
  void end_mark(MarkKind kind);

  const ParseLimits& limits_;
  const ByteMap* source_;
  std::string text_;
  Parsed parsed_;  // spans count bytes until `finish`
  BlockKind kind_ = BlockKind::paragraph;
  std::uint8_t level_ = 0;
  std::uint32_t block_begin_ = 0;
  bool block_open_ = false;

  std::string raw_;     // of the block, or of the cell
  ByteMap raw_places_;  // to the source
  std::vector<Mark> closed_;
  std::vector<Mark> open_;

  bool in_table_ = false;
  bool in_cell_ = false;
  bool first_row_ = false;
  std::uint32_t row_ = 0;
  std::uint32_t column_ = 0;
};

}  // namespace flowstone::documents
