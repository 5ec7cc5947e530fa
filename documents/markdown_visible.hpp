// Which characters of Markdown source a reader sees: the literals of the syntax tree, found again in the source.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace flowstone::documents {

struct ByteRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Finds literals one after the other. Escapes (`\*`) and entities (`&amp;`) are looked through.
// Cost: linear in the source, as the search never goes back.
class VisibleText {
 public:
  explicit VisibleText(std::string_view source) : source_(source) {}

  // What follows is within this range, and behind what was found before.
  void begin_block(ByteRange range);
  // `hint`: the byte at which the literal probably begins.
  void find(std::string_view literal, std::size_t hint, bool is_code);
  // Markup that is known to be there.
  void skip(std::string_view markup, std::size_t hint);
  // Everything of the range is visible.
  void show(ByteRange range);
  // A block of which a literal was not found is visible as a whole.
  void end_block();

  // The byte behind what was found last, and from the first to the last byte that was found behind such a mark.
  [[nodiscard]] std::size_t mark() const { return visible_.empty() ? 0 : visible_.back().end; }
  [[nodiscard]] ByteRange since(std::size_t mark) const;

  // Ascending, no two touch.
  [[nodiscard]] const std::vector<ByteRange>& visible() const { return visible_; }

 private:
  struct Step {
    std::size_t source = 0;
    std::size_t literal = 0;
    std::size_t hidden = 0;  // bytes of source before what is seen
  };
  [[nodiscard]] Step step(std::size_t at, std::string_view rest, bool is_code) const;
  [[nodiscard]] bool agrees(std::size_t at, std::string_view literal, bool is_code) const;
  [[nodiscard]] std::size_t entity_at(std::size_t at) const;

  std::string_view source_;
  std::vector<ByteRange> visible_;
  std::size_t first_of_block_ = 0;
  ByteRange block_;
  std::size_t at_ = 0;
  bool lost_ = false;
};

// The parts of an HTML fragment of Markdown that are no tags, comments, scripts or styles.
std::vector<ByteRange> text_between_tags(std::string_view html);

}  // namespace flowstone::documents
