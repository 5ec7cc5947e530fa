#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <gumbo.h>
#include <unicode/utf8.h>

#include "documents/normalise.hpp"
#include "documents/parsers.hpp"
#include "documents/text_builder.hpp"

namespace flowstone::documents {
namespace {

struct GumboCall {
  std::string_view source;
  Arena* arena = nullptr;
  const GumboOutput* output = nullptr;
};

void* allocate(void* arena, std::size_t size) { return static_cast<Arena*>(arena)->allocate(size); }
void release(void* /*arena*/, void* /*block*/) {}

void call_gumbo(void* state) {
  auto& call = *static_cast<GumboCall*>(state);
  GumboOptions options = kGumboDefaultOptions;
  options.allocator = &allocate;
  options.deallocator = &release;
  options.userdata = call.arena;
  options.max_errors = 0;
  call.output = gumbo_parse_with_options(&options, call.source.data(), call.source.size());
}

enum class Role : std::uint8_t {
  inlined,
  block,
  dropped,
  heading,
  quote,
  item,
  list,
  code,
  table,
  row,
  cell,
  link,
  strong,
  line_break
};

// What has no role here is inlined.
struct RoleOfTags {
  Role role;
  std::vector<GumboTag> tags;
};

std::array<Role, GUMBO_TAG_LAST + 1> roles_of_tags() {
  const std::vector<RoleOfTags> rows{
      {Role::dropped,
       {GUMBO_TAG_SCRIPT, GUMBO_TAG_STYLE, GUMBO_TAG_TEMPLATE, GUMBO_TAG_NOSCRIPT, GUMBO_TAG_HEAD, GUMBO_TAG_TITLE,
        GUMBO_TAG_SVG, GUMBO_TAG_IFRAME, GUMBO_TAG_OBJECT, GUMBO_TAG_CANVAS, GUMBO_TAG_AUDIO, GUMBO_TAG_VIDEO,
        GUMBO_TAG_TEXTAREA, GUMBO_TAG_SELECT, GUMBO_TAG_NOFRAMES, GUMBO_TAG_NOEMBED}},
      {Role::block,
       {GUMBO_TAG_ADDRESS, GUMBO_TAG_ARTICLE, GUMBO_TAG_ASIDE,    GUMBO_TAG_BODY,       GUMBO_TAG_CAPTION,
        GUMBO_TAG_CENTER,  GUMBO_TAG_DD,      GUMBO_TAG_DETAILS,  GUMBO_TAG_DIR,        GUMBO_TAG_DIV,
        GUMBO_TAG_DL,      GUMBO_TAG_DT,      GUMBO_TAG_FIELDSET, GUMBO_TAG_FIGCAPTION, GUMBO_TAG_FIGURE,
        GUMBO_TAG_FOOTER,  GUMBO_TAG_FORM,    GUMBO_TAG_HEADER,   GUMBO_TAG_HGROUP,     GUMBO_TAG_LEGEND,
        GUMBO_TAG_MAIN,    GUMBO_TAG_NAV,     GUMBO_TAG_P,        GUMBO_TAG_SECTION,    GUMBO_TAG_SUMMARY}},
      {Role::heading, {GUMBO_TAG_H1, GUMBO_TAG_H2, GUMBO_TAG_H3, GUMBO_TAG_H4, GUMBO_TAG_H5, GUMBO_TAG_H6}},
      {Role::quote, {GUMBO_TAG_BLOCKQUOTE}},
      {Role::item, {GUMBO_TAG_LI}},
      {Role::list, {GUMBO_TAG_UL, GUMBO_TAG_OL, GUMBO_TAG_MENU}},
      {Role::code, {GUMBO_TAG_PRE}},
      {Role::table, {GUMBO_TAG_TABLE}},
      {Role::row, {GUMBO_TAG_TR}},
      {Role::cell, {GUMBO_TAG_TD, GUMBO_TAG_TH}},
      {Role::link, {GUMBO_TAG_A}},
      {Role::strong, {GUMBO_TAG_B, GUMBO_TAG_STRONG, GUMBO_TAG_DFN}},
      {Role::line_break, {GUMBO_TAG_BR, GUMBO_TAG_HR}},
  };
  std::array<Role, GUMBO_TAG_LAST + 1> roles{};
  for (const auto& [role, tags] : rows) {
    for (const GumboTag tag : tags) roles.at(static_cast<std::size_t>(tag)) = role;
  }
  return roles;
}

Role role_of(GumboTag tag) {
  static const auto kRoles = roles_of_tags();
  return kRoles.at(static_cast<std::size_t>(tag));
}

// Hidden by its own attributes; what a style sheet hides is not known here.
bool is_hidden(const GumboElement& element) {
  if (gumbo_get_attribute(&element.attributes, "hidden") != nullptr) return true;
  const GumboAttribute* const style = gumbo_get_attribute(&element.attributes, "style");
  if (style == nullptr) return false;
  std::string rules(style->value);
  std::erase_if(rules, [](char byte) { return byte == ' ' || byte == '\t' || byte == '\n'; });
  std::ranges::transform(rules, rules.begin(),
                         [](char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte; });
  return rules.find("display:none") != std::string::npos || rules.find("visibility:hidden") != std::string::npos;
}

// What text is within: its heading's level, how many quotations and lists.
struct Context {
  std::uint8_t heading = 0;
  std::uint8_t quotes = 0;
  std::uint8_t lists = 0;
};

std::uint8_t deeper(std::uint8_t level) { return level < 255 ? static_cast<std::uint8_t>(level + 1) : level; }

// What a <meta> at the beginning says; empty if none does.
std::string_view declared_charset(std::string_view bytes) {
  constexpr std::size_t kFarthest = 1'024;  // as the HTML standard has it
  const std::string_view head = bytes.substr(0, kFarthest);
  const std::size_t at = head.find("charset=");
  if (at == std::string_view::npos) return {};
  std::string_view name = head.substr(at + std::strlen("charset="));
  name.remove_prefix(std::min(name.find_first_not_of("\"' "), name.size()));
  return name.substr(0, name.find_first_of("\"' />;"));
}

std::uint32_t columns_of(const GumboElement& cell) {
  constexpr std::uint32_t kMost = 1'000;  // as the HTML standard has it
  const GumboAttribute* const span = gumbo_get_attribute(&cell.attributes, "colspan");
  std::uint32_t columns = 1;
  if (span != nullptr) std::from_chars(span->value, span->value + std::strlen(span->value), columns);
  return std::min(columns, kMost);
}

class HtmlReader {
 public:
  HtmlReader(std::string_view source, TextBuilder& builder, const ParseLimits& limits, Deadline deadline)
      : source_(source), builder_(builder), limits_(limits), deadline_(deadline) {}

  std::optional<ParseError> read(const GumboNode& root);

 private:
  void node(const GumboNode& node, std::uint32_t depth);
  void element(const GumboNode& node, std::uint32_t depth);
  void children(const GumboNode& node, std::uint32_t depth);
  void text(const GumboText& text);
  void entities(std::string_view written, std::string_view meant, std::size_t offset);
  void block(const GumboNode& node, std::uint32_t depth);
  void table(const GumboNode& node, std::uint32_t depth);
  void row(const GumboNode& node, std::uint32_t depth);
  void marked(const GumboNode& node, std::uint32_t depth, Role role);
  void begin_context();
  [[nodiscard]] bool is_layout(const GumboNode& table) const;
  [[nodiscard]] bool keeps_blocks() const { return !in_cell_; }

  std::string_view source_;
  TextBuilder& builder_;
  const ParseLimits& limits_;
  Deadline deadline_;
  std::optional<ParseError> error_;
  std::uint32_t nodes_ = 0;
  Context context_;
  bool in_code_ = false;
  bool in_cell_ = false;
  bool in_table_ = false;
  bool first_row_has_heads_ = false;
  std::uint32_t rows_ = 0;
};

// The kind of block that text has here: the innermost thing that gives it one.
void HtmlReader::begin_context() {
  if (!keeps_blocks()) {
    builder_.append(" ");
  } else if (context_.heading > 0) {
    builder_.begin_block(BlockKind::heading, context_.heading);
  } else if (in_code_) {
    builder_.begin_block(BlockKind::code, 0);
  } else if (context_.lists > 0) {
    builder_.begin_block(BlockKind::list_item, context_.lists);
  } else if (context_.quotes > 0) {
    builder_.begin_block(BlockKind::quote, context_.quotes);
  } else {
    builder_.begin_block(BlockKind::paragraph, 0);
  }
}

// Only a character reference makes the text differ from what is written. Where it is over is seen from what follows.
void HtmlReader::entities(std::string_view written, std::string_view meant, std::size_t offset) {
  std::size_t at = 0;
  std::size_t done = 0;
  while (done < meant.size() && at < written.size()) {
    const std::size_t same = std::min({written.find('&', at), written.size()}) - at;
    const std::string_view run = written.substr(at, same);
    if (meant.substr(done, same) != run) break;
    builder_.append(run, offset + at);
    at += same;
    done += same;
    if (at == written.size()) break;
    std::size_t end = at + 1;
    while (end < written.size() && written[end] != ';' && written[end] != '&' && written[end] > ' ' && end - at < 40)
      ++end;
    if (end < written.size() && written[end] == ';') ++end;
    const std::size_t next = std::min(written.find('&', end), written.size());
    const std::size_t after = meant.find(written.substr(end, std::min<std::size_t>(next - end, 16)), done + 1);
    const std::size_t until = next == end ? std::min(done + 1, meant.size()) : std::min(after, meant.size());
    std::size_t whole = until;
    while (whole < meant.size() && (static_cast<unsigned char>(meant[whole]) & 0xc0U) == 0x80) ++whole;
    builder_.append_for(meant.substr(done, whole - done), offset + at);
    done = whole;
    at = end;
  }
  if (done < meant.size()) builder_.append_for(meant.substr(done), offset + std::min(at, written.size()));
}

// A reference to a character that there is not ("&#11111111111;") may come as bytes that are no text.
std::string repaired(std::string_view utf8) {
  std::string text;
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(utf8.data());  // NOLINT: chars seen as bytes
  const auto length = static_cast<std::int64_t>(utf8.size());
  for (std::int64_t at = 0; at < length;) {
    const std::int64_t begin = at;
    UChar32 code_point = 0;
    U8_NEXT(bytes, at, length, code_point);
    if (code_point < 0) {
      text += "\u{fffd}";
    } else {
      text += utf8.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(at - begin));
    }
  }
  return text;
}

void HtmlReader::text(const GumboText& text) {
  const std::string whole = repaired(text.text);
  const std::string_view meant(whole);
  const std::string_view written(text.original_text.data, text.original_text.length);
  const auto offset = static_cast<std::size_t>(text.original_text.data - source_.data());
  if (text.original_text.data == nullptr || offset > source_.size()) return builder_.append(meant);
  if (meant == written) return builder_.append(meant, offset);
  entities(written, meant, offset);
}

void HtmlReader::children(const GumboNode& node, std::uint32_t depth) {
  const GumboVector& list = node.v.element.children;
  for (unsigned at = 0; at < list.length && !error_; ++at)
    this->node(*static_cast<const GumboNode*>(list.data[at]), depth + 1);
}

void HtmlReader::block(const GumboNode& node, std::uint32_t depth) {
  begin_context();
  children(node, depth);
}

// Tables within tables, and headings in cells, are there for the looks of a page: their cells are blocks.
bool HtmlReader::is_layout(const GumboNode& table) const {
  std::vector<const GumboNode*> left{&table};
  while (!left.empty()) {
    const GumboNode& next = *left.back();
    left.pop_back();
    if (next.type != GUMBO_NODE_ELEMENT) continue;
    const Role role = role_of(next.v.element.tag);
    if (role == Role::heading || (role == Role::table && &next != &table)) return true;
    for (unsigned at = 0; at < next.v.element.children.length; ++at) {
      left.push_back(static_cast<const GumboNode*>(next.v.element.children.data[at]));
    }
  }
  return false;
}

void HtmlReader::table(const GumboNode& node, std::uint32_t depth) {
  if (in_table_ || in_code_ || is_layout(node)) return block(node, depth);
  in_table_ = true;
  first_row_has_heads_ = false;
  rows_ = 0;
  builder_.begin_table();
  children(node, depth);
  builder_.end_table(first_row_has_heads_);
  in_table_ = false;
}

void HtmlReader::row(const GumboNode& node, std::uint32_t depth) {
  builder_.begin_row();
  bool all_heads = true;
  const GumboVector& list = node.v.element.children;
  for (unsigned at = 0; at < list.length && !error_; ++at) {
    const auto& cell = *static_cast<const GumboNode*>(list.data[at]);
    if (cell.type != GUMBO_NODE_ELEMENT || role_of(cell.v.element.tag) != Role::cell) continue;
    all_heads = all_heads && cell.v.element.tag == GUMBO_TAG_TH;
    builder_.begin_cell();
    in_cell_ = true;
    if (!is_hidden(cell.v.element)) children(cell, depth);
    in_cell_ = false;
    builder_.end_cell(columns_of(cell.v.element));
  }
  builder_.end_row();
  if (rows_++ == 0) first_row_has_heads_ = all_heads;
}

void HtmlReader::element(const GumboNode& node, std::uint32_t depth) {
  const GumboElement& element = node.v.element;
  const Role role = role_of(element.tag);
  if (role == Role::dropped || is_hidden(element)) return;
  if (role == Role::inlined) return children(node, depth);
  if (role == Role::line_break) return builder_.append(in_code_ ? "\n" : " ");
  if (role == Role::link || role == Role::strong) return marked(node, depth, role);
  if (role == Role::table && !in_table_ && !in_code_ && !is_layout(node)) return table(node, depth);
  if (role == Role::row && in_table_ && !in_cell_) return row(node, depth);

  const Context outer = context_;
  if (role == Role::heading) context_.heading = static_cast<std::uint8_t>(1 + element.tag - GUMBO_TAG_H1);
  if (role == Role::quote) context_.quotes = deeper(outer.quotes);
  if (role == Role::list) context_.lists = deeper(outer.lists);
  if (role == Role::item) context_.lists = std::max<std::uint8_t>(outer.lists, 1);
  if (role == Role::code) in_code_ = keeps_blocks();
  block(node, depth);
  if (role == Role::code) {
    builder_.end_block();
    in_code_ = false;
  }
  context_ = outer;
  begin_context();
}

void HtmlReader::marked(const GumboNode& node, std::uint32_t depth, Role role) {
  if (role == Role::strong) {
    builder_.begin_strong();
    children(node, depth);
    return builder_.end_strong();
  }
  const GumboAttribute* const target = gumbo_get_attribute(&node.v.element.attributes, "href");
  if (target != nullptr) builder_.begin_link(repaired(target->value));
  children(node, depth);
  if (target != nullptr) builder_.end_link();
}

void HtmlReader::node(const GumboNode& node, std::uint32_t depth) {
  constexpr std::uint32_t kNodesBetweenLooks = 1'024;
  if (depth > limits_.depth) error_ = nested_too_deep(limits_);
  if (++nodes_ % kNodesBetweenLooks == 0) {
    if (auto excess = builder_.excess()) error_ = std::move(excess);
    if (std::chrono::steady_clock::now() > deadline_) error_ = timed_out(limits_);
  }
  if (error_) return;
  if (node.type == GUMBO_NODE_ELEMENT) return element(node, depth);
  if (node.type == GUMBO_NODE_WHITESPACE)
    return builder_.append(in_code_ ? node.v.text.text : builder_.has_text() ? " " : "");
  if (node.type == GUMBO_NODE_TEXT || node.type == GUMBO_NODE_CDATA) text(node.v.text);
}

std::optional<ParseError> HtmlReader::read(const GumboNode& root) {
  node(root, 0);
  if (!error_) error_ = builder_.excess();
  return error_;
}

}  // namespace

Result<Parsed, ParseError> parse_html(std::string_view bytes, const ParseLimits& limits, Deadline deadline) {
  FLOWSTONE_TRY(const Decoded decoded, decode(bytes, limits, declared_charset(bytes)));
  Arena arena(limits.memory_bytes, deadline);
  GumboCall call{.source = decoded.utf8, .arena = &arena};
  const Arena::Stop stop = arena.run(&call_gumbo, &call);
  if (stop == Arena::Stop::out_of_time) return failure(timed_out(limits));
  if (stop == Arena::Stop::out_of_memory) return failure(out_of_memory(limits));

  TextBuilder builder(limits, &decoded.map);
  HtmlReader reader(decoded.utf8, builder, limits, deadline);
  if (auto error = reader.read(*call.output->root)) return failure(*std::move(error));
  Parsed parsed = builder.finish();
  parsed.charset = decoded.charset;
  parsed.warnings = decoded.warnings;
  if (!decoded.charset.starts_with("UTF-16")) parsed.source.lines = line_starts(bytes);
  return parsed;
}

}  // namespace flowstone::documents
