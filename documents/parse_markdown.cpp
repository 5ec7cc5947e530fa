#include <algorithm>
#include <cctype>
#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm-extension_api.h>
#include <cmark-gfm.h>
#include <cstring>

#include "documents/markdown_visible.hpp"
#include "documents/normalise.hpp"
#include "documents/parsers.hpp"

// Debian installs the library that defines them without the header that declares them.
extern "C" {
extern cmark_node_type CMARK_NODE_TABLE_ROW;   // NOLINT: the library's name
extern cmark_node_type CMARK_NODE_TABLE_CELL;  // NOLINT: the library's name
}

namespace flowstone::documents {
namespace {

// cmark's allocator has no state of its own: the arena of the parse that this thread is in.
thread_local Arena* parsing = nullptr;

void* allocate(std::size_t count, std::size_t size) {
  return parsing->allocate(size != 0 && count > SIZE_MAX / size ? SIZE_MAX / 2 : count * size);
}
void* resize(void* block, std::size_t size) { return parsing->resize(block, size); }
void release(void* /*block*/) {}

cmark_mem arena_memory{&allocate, &resize, &release};

struct Syntax {
  cmark_syntax_extension* table;
  cmark_syntax_extension* strikethrough;
  cmark_syntax_extension* tasklist;
};

// Addresses without markup are found by `add_bare_links`, in all formats alike.
const Syntax& syntax() {
  static const Syntax kSyntax = [] {
    cmark_gfm_core_extensions_ensure_registered();
    return Syntax{cmark_find_syntax_extension("table"), cmark_find_syntax_extension("strikethrough"),
                  cmark_find_syntax_extension("tasklist")};
  }();
  return kSyntax;
}

struct CmarkCall {
  std::string_view source;
  cmark_node* document = nullptr;
};

void call_cmark(void* state) {
  auto& call = *static_cast<CmarkCall*>(state);
  cmark_parser* const parser = cmark_parser_new_with_mem(CMARK_OPT_DEFAULT, &arena_memory);
  for (cmark_syntax_extension* extension : {syntax().table, syntax().strikethrough, syntax().tasklist}) {
    cmark_parser_attach_syntax_extension(parser, extension);
  }
  cmark_parser_feed(parser, call.source.data(), call.source.size());
  call.document = cmark_parser_finish(parser);
}

// The lines between a first `---` and the next, if they look like fields.
ByteRange front_matter_of(std::string_view text) {
  constexpr std::size_t kMost = std::size_t{64} << 10;
  if (!text.starts_with("---\n")) return {};
  const std::size_t end = text.substr(0, kMost).find("\n---\n", 3);
  const std::size_t colon = text.find(':');
  return end != std::string_view::npos && colon < end ? ByteRange{4, end} : ByteRange{};
}

bool is_thematic_break(std::string_view line) {
  const char first = line.empty() ? ' ' : line.front();
  return (first == '-' || first == '*') &&
         std::ranges::all_of(line, [first](char byte) { return byte == first || byte == ' ' || byte == '\t'; });
}

// How many quotations and lists a line may open or go on in, at the most: cmark takes time quadratic in it.
std::size_t containers_before(std::string_view line) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char byte = line[at];
    const bool before_space = at + 1 == line.size() || line[at + 1] == ' ' || line[at + 1] == '\t';
    const bool digit = byte >= '0' && byte <= '9';
    if (byte == '>' || (before_space && (byte == '-' || byte == '+' || byte == '*' || byte == '.' || byte == ')'))) {
      ++count;
    } else if (byte != ' ' && byte != '\t' && !digit) {
      break;
    }
  }
  return count;
}

bool nests_too_deep(std::string_view text, std::uint32_t most) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (line.size() <= most) continue;
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (containers_before(line) > most && !is_thematic_break(line)) return true;
  }
  return false;
}

class MarkdownReader {
 public:
  MarkdownReader(Parsed& parsed, const ParseLimits& limits, Deadline deadline)
      : parsed_(parsed),
        limits_(limits),
        deadline_(deadline),
        source_(parsed.text.utf8()),
        visible_(source_),
        lines_(line_starts(source_)) {}

  std::optional<ParseError> read(cmark_node* document);
  void front_matter(ByteRange range);
  void finish();

 private:
  void enter(cmark_node* node, cmark_node_type type);
  void exit(cmark_node* node, cmark_node_type type);
  bool nest(cmark_node_type type, int by);
  void begin_leaf(cmark_node* node, cmark_node_type type);
  void code_block(cmark_node* node);
  void html_block(cmark_node* node);
  void row(cmark_node* node);
  void cell();
  void add_block(BlockKind kind, std::uint8_t level, ByteRange range);

  [[nodiscard]] std::size_t byte_at(int line, int column) const;
  [[nodiscard]] std::size_t end_of_line(std::size_t byte) const {
    return std::min(source_.find('\n', byte), source_.size());
  }
  [[nodiscard]] ByteRange range_of(cmark_node* node) const;
  [[nodiscard]] Span span_of(ByteRange range) const;

  Parsed& parsed_;
  const ParseLimits& limits_;
  Deadline deadline_;
  std::string_view source_;
  VisibleText visible_;
  std::vector<std::uint32_t> lines_;
  std::vector<BlockKind> containers_;  // quote or list_item, outermost first
  std::vector<std::size_t> marks_;     // how far the reader had seen where each open link or strong began
  std::vector<ByteRange> cells_;       // of the row that is being read
  std::uint32_t row_ = 0;
  std::uint32_t column_ = 0;
  bool in_leaf_ = false;
};

std::size_t MarkdownReader::byte_at(int line, int column) const {
  if (line < 1) return 0;
  if (static_cast<std::size_t>(line) > lines_.size()) return source_.size();
  return std::min<std::size_t>(
      lines_[static_cast<std::size_t>(line) - 1] + static_cast<std::size_t>(std::max(column, 1) - 1), source_.size());
}

// The block that follows in the text, whatever holds it.
cmark_node* following(cmark_node* node) {
  for (; node != nullptr; node = cmark_node_parent(node)) {
    if (cmark_node* const next = cmark_node_next(node)) return next;
  }
  return nullptr;
}

// Without white space at its ends; cmark's last line may be the empty one behind the block, or, of a heading that is
// underlined, the first one of what follows.
ByteRange MarkdownReader::range_of(cmark_node* node) const {
  ByteRange range{byte_at(cmark_node_get_start_line(node), cmark_node_get_start_column(node)), 0};
  const int end_line = cmark_node_get_end_line(node);
  const int end_column = cmark_node_get_end_column(node);
  range.end = std::max(range.begin, end_column > 0 ? byte_at(end_line, end_column + 1) : byte_at(end_line, 1));
  if (cmark_node_get_type(node) == CMARK_NODE_HEADING) {
    cmark_node* const next = following(node);
    if (next != nullptr) range.end = std::clamp(byte_at(cmark_node_get_start_line(next), 1), range.begin, range.end);
  }
  while (range.end > range.begin && std::strchr(" \t\n", source_[range.end - 1]) != nullptr) --range.end;
  return range;
}

Span MarkdownReader::span_of(ByteRange range) const {
  return {parsed_.text.code_point_of(static_cast<std::uint32_t>(range.begin)),
          parsed_.text.code_point_of(static_cast<std::uint32_t>(range.end))};
}

void MarkdownReader::add_block(BlockKind kind, std::uint8_t level, ByteRange range) {
  Span span = span_of(range);
  if (!parsed_.blocks.empty()) span.start = std::max(span.start, parsed_.blocks.back().span.end);
  if (span.start < span.end) parsed_.blocks.push_back({kind, level, span});
}

bool MarkdownReader::nest(cmark_node_type type, int by) {
  if (type != CMARK_NODE_BLOCK_QUOTE && type != CMARK_NODE_ITEM) return false;
  if (by < 0) {
    containers_.pop_back();
  } else {
    containers_.push_back(type == CMARK_NODE_ITEM ? BlockKind::list_item : BlockKind::quote);
  }
  return true;
}

void MarkdownReader::begin_leaf(cmark_node* node, cmark_node_type type) {
  const ByteRange range = range_of(node);
  visible_.begin_block(range);
  in_leaf_ = true;
  if (type == CMARK_NODE_HEADING) {
    add_block(BlockKind::heading, static_cast<std::uint8_t>(cmark_node_get_heading_level(node)), range);
  } else if (containers_.empty()) {
    add_block(BlockKind::paragraph, 0, range);
  } else {
    const auto depth = std::ranges::count(containers_, containers_.back());
    add_block(containers_.back(), static_cast<std::uint8_t>(std::min<std::ptrdiff_t>(depth, 255)), range);
  }
}

// Each line of the code is the end of a line of the source.
void MarkdownReader::code_block(cmark_node* node) {
  int length = 0;
  int offset = 0;
  char fence = 0;
  const bool fenced = cmark_node_get_fenced(node, &length, &offset, &fence) != 0;
  const ByteRange range = range_of(node);
  add_block(BlockKind::code, 0, range);
  visible_.begin_block(range);
  std::string_view code = cmark_node_get_literal(node);
  int line = cmark_node_get_start_line(node) + (fenced ? 1 : 0);
  for (; !code.empty(); ++line) {
    const std::size_t size = std::min(code.find('\n'), code.size());
    const std::size_t begin = byte_at(line, 1);
    const std::size_t end = std::min(end_of_line(begin), range.end);
    if (begin < end && source_.substr(begin, end - begin).ends_with(code.substr(0, size))) {
      visible_.show({end - size, end});
    } else {
      visible_.show({begin, end});
    }
    code.remove_prefix(std::min(size + 1, code.size()));
  }
}

void MarkdownReader::html_block(cmark_node* node) {
  const ByteRange range = range_of(node);
  visible_.begin_block(range);
  bool seen = false;
  for (const ByteRange part : text_between_tags(source_.substr(range.begin, range.end - range.begin))) {
    const std::string_view words = source_.substr(range.begin + part.begin, part.end - part.begin);
    const std::size_t first = words.find_first_not_of(" \t\n");
    if (first == std::string_view::npos) continue;
    const std::size_t begin = range.begin + part.begin + first;
    visible_.show({begin, begin + words.find_last_not_of(" \t\n") + 1 - first});
    seen = true;
  }
  if (seen) add_block(BlockKind::paragraph, 0, range);
}

// Cells lie between the bars that are not escaped; cmark's columns are wrong behind an escaped one.
void MarkdownReader::row(cmark_node* node) {
  if (cmark_gfm_extensions_get_table_row_is_header(node) != 0) {
    parsed_.tables.push_back({span_of(range_of(cmark_node_parent(node))), {}});
    row_ = 0;
  } else {
    ++row_;
  }
  const std::size_t begin = byte_at(cmark_node_get_start_line(node), cmark_node_get_start_column(node));
  const std::size_t end = end_of_line(begin);
  add_block(BlockKind::table_row, 0, {begin, begin + source_.substr(begin, end - begin).find_last_not_of(" \t") + 1});
  cells_.clear();
  column_ = 0;
  std::size_t open = begin + (begin < end && source_[begin] == '|' ? 1 : 0);
  for (std::size_t at = open; at <= end; ++at) {
    if (at < end && source_[at] == '\\' && at + 1 < end &&
        std::ispunct(static_cast<unsigned char>(source_[at + 1])) != 0) {
      ++at;
    } else if (at == end || source_[at] == '|') {
      cells_.push_back({open, at});
      open = at + 1;
    }
  }
}

void MarkdownReader::cell() {
  if (column_ < cells_.size()) {
    ByteRange range = cells_[column_];
    while (range.begin < range.end && std::strchr(" \t", source_[range.begin]) != nullptr) ++range.begin;
    while (range.begin < range.end && std::strchr(" \t", source_[range.end - 1]) != nullptr) --range.end;
    visible_.begin_block(range);
    in_leaf_ = true;
    parsed_.cells.push_back({static_cast<std::uint32_t>(parsed_.tables.size() - 1), row_, column_, span_of(range)});
  }
  ++column_;
}

void MarkdownReader::enter(cmark_node* node, cmark_node_type type) {
  if (nest(type, 1)) return;
  if (type == CMARK_NODE_PARAGRAPH || type == CMARK_NODE_HEADING) return begin_leaf(node, type);
  if (type == CMARK_NODE_CODE_BLOCK) return code_block(node);
  if (type == CMARK_NODE_HTML_BLOCK) return html_block(node);
  if (type == CMARK_NODE_TABLE_ROW) return row(node);
  if (type == CMARK_NODE_TABLE_CELL) return cell();
  if (type == CMARK_NODE_LINK || type == CMARK_NODE_STRONG) return marks_.push_back(visible_.mark());
  if (!in_leaf_) return;
  const std::size_t hint = byte_at(cmark_node_get_start_line(node), cmark_node_get_start_column(node));
  if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE) {
    visible_.find(cmark_node_get_literal(node), hint, type == CMARK_NODE_CODE);
  } else if (type == CMARK_NODE_HTML_INLINE) {
    visible_.skip(cmark_node_get_literal(node), hint);
  }
}

void MarkdownReader::exit(cmark_node* node, cmark_node_type type) {
  if (nest(type, -1)) return;
  if (type == CMARK_NODE_PARAGRAPH || type == CMARK_NODE_HEADING || type == CMARK_NODE_TABLE_CELL) {
    visible_.end_block();
    in_leaf_ = false;
  } else if (type == CMARK_NODE_LINK || type == CMARK_NODE_STRONG) {
    const ByteRange range = visible_.since(marks_.back());
    marks_.pop_back();
    if (range.begin == range.end) return;
    if (type == CMARK_NODE_STRONG) return parsed_.strong.push_back(span_of(range));
    parsed_.links.push_back({span_of(range), cmark_node_get_url(node)});
  }
}

std::optional<ParseError> MarkdownReader::read(cmark_node* document) {
  constexpr int kNodesBetweenLooks = 1'024;
  cmark_iter* const walk = cmark_iter_new(document);
  int nodes = 0;
  for (cmark_event_type event = cmark_iter_next(walk); event != CMARK_EVENT_DONE; event = cmark_iter_next(walk)) {
    cmark_node* const node = cmark_iter_get_node(walk);
    const cmark_node_type type = cmark_node_get_type(node);
    if (event == CMARK_EVENT_ENTER) {
      enter(node, type);
    } else {
      exit(node, type);
    }
    if (containers_.size() + marks_.size() > limits_.depth) return nested_too_deep(limits_);
    if (parsed_.blocks.size() > limits_.blocks) return too_many("paragraphs", limits_.blocks);
    if (parsed_.cells.size() > limits_.cells) return too_many("table cells", limits_.cells);
    if (++nodes % kNodesBetweenLooks == 0 && std::chrono::steady_clock::now() > deadline_) return timed_out(limits_);
  }
  return std::nullopt;
}

void MarkdownReader::front_matter(ByteRange range) {
  if (range.begin == range.end) return;
  add_block(BlockKind::front_matter, 0, range);
  visible_.begin_block(range);
  visible_.show(range);
}

// What is between the visible parts is markup, unless it is white space alone.
void MarkdownReader::finish() {
  std::size_t at = 0;
  const auto hide = [&](std::size_t end) {
    const std::string_view gap = source_.substr(at, end - at);
    const std::size_t first = gap.find_first_not_of(" \t\n");
    if (first == std::string_view::npos) return;
    parsed_.invisible.push_back(span_of({at + first, at + gap.find_last_not_of(" \t\n") + 1}));
  };
  for (const ByteRange part : visible_.visible()) {
    hide(part.begin);
    at = part.end;
  }
  hide(source_.size());
  for (const TableCell& cell : parsed_.cells) {
    if (cell.row == 0) parsed_.tables[cell.table].header.push_back(visible_text(parsed_, cell.span));
  }
  std::ranges::sort(parsed_.links, {}, &Link::span);
  std::ranges::sort(parsed_.strong);
}

}  // namespace

std::string markdown_library_version() { return cmark_version_string(); }

Result<Parsed, ParseError> parse_markdown(std::string_view bytes, const ParseLimits& limits, Deadline deadline) {
  FLOWSTONE_TRY(Parsed parsed, parsed_source(bytes, limits));
  const std::string_view text = parsed.text.utf8();
  if (nests_too_deep(text, limits.depth)) return failure(nested_too_deep(limits));

  // Front matter is no Markdown: the lines stay, so that those behind it keep their numbers.
  const ByteRange front = front_matter_of(text);
  std::string without;
  if (front.end > 0) {
    without = text;
    const auto begin = without.begin();
    std::replace_if(
        begin, begin + static_cast<std::ptrdiff_t>(front.end + 4), [](char byte) { return byte != '\n'; }, ' ');
  }
  Arena arena(limits.memory_bytes, deadline);
  parsing = &arena;
  CmarkCall call{.source = front.end > 0 ? std::string_view(without) : text};
  static_cast<void>(syntax());
  const Arena::Stop stop = arena.run(&call_cmark, &call);
  if (stop == Arena::Stop::out_of_time) return failure(timed_out(limits));
  if (stop == Arena::Stop::out_of_memory) return failure(out_of_memory(limits));

  MarkdownReader reader(parsed, limits, deadline);
  reader.front_matter(front);
  if (auto error = reader.read(call.document)) return failure(*std::move(error));
  reader.finish();
  return parsed;
}

}  // namespace flowstone::documents
