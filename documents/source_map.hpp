// Where in the file a piece of canonical text came from: byte, line, page and box.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "documents/text.hpp"

namespace flowstone::documents {

// From bytes of one text to bytes of the text that it was made of; both ascend.
// Within a segment `from_unit` bytes stand for `to_unit` bytes, over and over; `to_unit` 0 pins all of it to one place.
class ByteMap {
 public:
  struct Segment {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    std::uint8_t from_unit = 1;
    std::uint8_t to_unit = 1;

    bool operator==(const Segment&) const = default;
  };

  ByteMap() = default;
  explicit ByteMap(std::vector<Segment> segments) : segments_(std::move(segments)) {}

  // Segments come in order; one that goes on where the last one leads is not stored.
  void append(Segment segment);
  // Where the byte came from. Before the first segment: nothing is known, 0.
  [[nodiscard]] std::uint32_t origin(std::uint32_t from) const;
  // The first byte that came from `to` or from behind it; `size` where there is none.
  [[nodiscard]] std::uint32_t first_from(std::uint32_t to, std::uint32_t size) const;
  // The map from this map's text through `further` to what that one's was made of. `size` is the text's, in bytes.
  [[nodiscard]] ByteMap through(const ByteMap& further, std::uint32_t size) const;

  [[nodiscard]] const std::vector<Segment>& segments() const { return segments_; }
  [[nodiscard]] bool empty() const { return segments_.empty(); }
  bool operator==(const ByteMap&) const = default;

 private:
  [[nodiscard]] std::uint32_t origin_in(const Segment& segment, std::uint32_t from) const;
  std::vector<Segment> segments_;
};

// A rectangle of a page in hundredths of a point, from the page's upper left corner.
struct Box {
  std::uint32_t left = 0;
  std::uint32_t top = 0;
  std::uint32_t right = 0;
  std::uint32_t bottom = 0;

  bool operator==(const Box&) const = default;
};

// A word on a page.
struct PageWord {
  Span span;
  std::uint32_t page = 1;  // from 1
  Box box;

  bool operator==(const PageWord&) const = default;
};

// What is known depends on the format: bytes and lines of text files and HTML, pages and boxes of PDF, nothing of DOCX.
struct Place {
  std::optional<std::uint32_t> byte;
  std::optional<std::uint32_t> line;  // from 1
  std::optional<std::uint32_t> page;  // from 1
  std::optional<Box> box;
};

struct SourceMap {
  ByteMap bytes;                     // canonical UTF-8 byte -> byte of the file
  std::vector<std::uint32_t> lines;  // byte of the file at which each line begins
  std::vector<PageWord> words;       // ascending

  // The place of a code point. Cost: two binary searches.
  [[nodiscard]] Place place(const Text& text, std::uint32_t code_point) const;
  // The words of which the span has a part: the boxes to paint.
  [[nodiscard]] std::vector<PageWord> words_in(Span span) const;
  bool operator==(const SourceMap&) const = default;
};

// The line starts of `bytes`: after each \n, \r\n and lone \r. Only for encodings of one byte a character and UTF-8.
std::vector<std::uint32_t> line_starts(std::string_view bytes);

}  // namespace flowstone::documents
