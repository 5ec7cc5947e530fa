// "FSP", version, size and SHA-256 of the text, then the fields of `each_field` in order. Numbers are LEB128; ascending
// ones are differences (zigzag, so that any order is kept); lists and strings begin with their length.
#include <algorithm>

#include "base/digest.hpp"
#include "documents/parsed.hpp"

namespace flowstone::documents {
namespace {

constexpr std::string_view kMagic = "FSP\x01";

class Writer {
 public:
  static constexpr bool kReads = false;

  void number(std::uint64_t value) {
    while (value >= 0x80) {
      bytes_ += static_cast<char>(value | 0x80);
      value >>= 7;
    }
    bytes_ += static_cast<char>(value);
  }
  void fixed(std::string_view bytes) { bytes_ += bytes; }
  void text(const std::string& value) {
    number(value.size());
    bytes_ += value;
  }
  template <class T>
  void small(const T& value) {
    bytes_ += static_cast<char>(value);
  }
  void natural(const std::uint32_t& value) { number(value); }
  void ascending(const std::uint32_t& value, std::uint32_t& last) {
    const std::int64_t difference = std::int64_t{value} - last;
    number(static_cast<std::uint64_t>(difference) << 1 ^ static_cast<std::uint64_t>(difference >> 63));
    last = value;
  }
  template <class List, class Each>
  void list(List& values, Each&& each) {
    number(values.size());
    for (auto& value : values) each(value);
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// After the first thing that is wrong nothing more is read and `good` is false.
class Reader {
 public:
  static constexpr bool kReads = true;
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      if (left_.empty()) break;
      const auto byte = static_cast<unsigned char>(left_.front());
      left_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) {
        if (byte == 0 && shift > 0) break;  // not the shortest form
        return value;
      }
    }
    return fail();
  }
  void fixed(std::string_view expected) {
    if (!left_.starts_with(expected)) return void(fail());
    left_.remove_prefix(expected.size());
  }
  void text(std::string& value) {
    const std::uint64_t size = number();
    if (size > left_.size()) return void(fail());
    value = left_.substr(0, size);
    left_.remove_prefix(size);
  }
  template <class T>
  void small(T& value) {
    if (left_.empty()) return void(fail());
    value = static_cast<T>(left_.front());
    left_.remove_prefix(1);
  }
  void natural(std::uint32_t& value) {
    const std::uint64_t wide = number();
    if (wide > UINT32_MAX) return void(fail());
    value = static_cast<std::uint32_t>(wide);
  }
  void ascending(std::uint32_t& value, std::uint32_t& last) {
    const std::uint64_t coded = number();
    const auto difference = static_cast<std::int64_t>(coded >> 1 ^ (~(coded & 1) + 1));
    if (difference > UINT32_MAX || difference < -std::int64_t{UINT32_MAX}) return void(fail());
    const std::int64_t wide = last + difference;
    if (wide < 0 || wide > UINT32_MAX) return void(fail());
    last = value = static_cast<std::uint32_t>(wide);
  }
  // Every element takes at least one byte, so that a length beyond what is left is a lie.
  template <class List, class Each>
  void list(List& values, Each&& each) {
    const std::uint64_t size = number();
    if (size > left_.size()) return void(fail());
    for (std::uint64_t at = 0; at < size && good_; ++at) each(values.emplace_back());
  }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool finished() const { return good_ && left_.empty(); }
  std::uint64_t fail() {
    good_ = false;
    left_ = {};
    return 0;
  }

 private:
  std::string_view left_;
  bool good_ = true;
};

template <class Archive, class List>
void each_span(Archive& archive, List& spans) {
  std::uint32_t last = 0;
  archive.list(spans, [&](auto& span) {
    archive.ascending(span.start, last);
    archive.ascending(span.end, last);
  });
}

template <class Archive, class Source>
void each_place(Archive& archive, Source& source) {
  using Segments =
      std::conditional_t<Archive::kReads, std::vector<ByteMap::Segment>, const std::vector<ByteMap::Segment>>;
  Segments segments = source.bytes.segments();
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  archive.list(segments, [&](auto& segment) {
    archive.ascending(segment.from, from);
    archive.ascending(segment.to, to);
    archive.small(segment.from_unit);
    archive.small(segment.to_unit);
  });
  if constexpr (Archive::kReads) {
    if (!std::ranges::is_sorted(segments, {}, &ByteMap::Segment::from)) return void(archive.fail());
    source.bytes = ByteMap(std::move(segments));
  }
  std::uint32_t line = 0;
  archive.list(source.lines, [&](auto& start) { archive.ascending(start, line); });
  PageWord last;
  archive.list(source.words, [&](auto& word) {
    archive.ascending(word.span.start, last.span.start);
    archive.ascending(word.span.end, last.span.start);
    archive.ascending(word.page, last.page);
    archive.ascending(word.box.left, last.box.left);
    archive.ascending(word.box.right, last.box.left);
    archive.ascending(word.box.top, last.box.top);
    archive.ascending(word.box.bottom, last.box.top);
  });
}

template <class Archive, class Value>
void each_field(Archive& archive, Value& parsed) {
  archive.small(parsed.type);
  archive.text(parsed.parser);
  archive.text(parsed.charset);
  archive.list(parsed.warnings, [&](auto& warning) { archive.text(warning); });
  std::uint32_t last = 0;
  archive.list(parsed.blocks, [&](auto& block) {
    archive.small(block.kind);
    archive.small(block.level);
    archive.ascending(block.span.start, last);
    archive.ascending(block.span.end, last);
  });
  archive.list(parsed.outline, [&](auto& entry) {
    archive.text(entry.title);
    archive.small(entry.level);
    archive.ascending(entry.heading.start, last);
    archive.ascending(entry.heading.end, last);
    archive.ascending(entry.section.start, last);
    archive.natural(entry.section.end);
  });
  archive.list(parsed.tables, [&](auto& table) {
    archive.ascending(table.span.start, last);
    archive.ascending(table.span.end, last);
    archive.list(table.header, [&](auto& title) { archive.text(title); });
  });
  TableCell cell;
  archive.list(parsed.cells, [&](auto& next) {
    archive.ascending(next.table, cell.table);
    archive.ascending(next.row, cell.row);
    archive.ascending(next.column, cell.column);
    archive.ascending(next.span.start, last);
    archive.ascending(next.span.end, last);
  });
  archive.list(parsed.links, [&](auto& link) {
    archive.ascending(link.span.start, last);
    archive.ascending(link.span.end, last);
    archive.text(link.target);
  });
  each_span(archive, parsed.invisible);
  each_span(archive, parsed.strong);
  each_place(archive, parsed.source);
}

bool fits(Span span, std::uint32_t size) { return span.start <= span.end && span.end <= size; }

bool fits(const Parsed& parsed) {
  const std::uint32_t size = parsed.text.size();
  const auto within = [&](const auto& part) { return fits(part.span, size); };
  std::uint32_t end = 0;
  for (const Block& block : parsed.blocks) {
    if (block.span.start < end || static_cast<std::uint8_t>(block.kind) > kLastBlockKind || !within(block))
      return false;
    end = block.span.end;
  }
  return std::ranges::all_of(
             parsed.outline,
             [&](const auto& entry) { return fits(entry.heading, size) && fits(entry.section, size); }) &&
         std::ranges::all_of(parsed.tables, within) &&
         std::ranges::all_of(parsed.cells,
                             [&](const auto& cell) { return within(cell) && cell.table < parsed.tables.size(); }) &&
         std::ranges::all_of(parsed.links, within) &&
         std::ranges::all_of(parsed.invisible, [&](Span span) { return fits(span, size); }) &&
         std::ranges::all_of(parsed.strong, [&](Span span) { return fits(span, size); }) &&
         std::ranges::all_of(parsed.source.words, within) && parsed.type <= MediaType::csv;
}

}  // namespace

std::string to_bytes(const Parsed& parsed) {
  Writer writer;
  writer.fixed(kMagic);
  writer.number(parsed.text.size());
  writer.fixed(view(sha256(parsed.text.utf8())));
  each_field(writer, parsed);
  return writer.take();
}

std::optional<Parsed> from_bytes(std::string_view bytes, Text text) {
  Parsed parsed;
  parsed.text = std::move(text);
  Reader reader(bytes);
  reader.fixed(kMagic);
  if (reader.number() != parsed.text.size()) return std::nullopt;
  reader.fixed(view(sha256(parsed.text.utf8())));
  if (reader.good()) each_field(reader, parsed);
  if (!reader.finished() || !fits(parsed)) return std::nullopt;
  return parsed;
}

}  // namespace flowstone::documents
