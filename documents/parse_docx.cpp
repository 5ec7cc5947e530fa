#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "documents/docx_parts.hpp"
#include "documents/parsers.hpp"
#include "documents/text_builder.hpp"

namespace flowstone::documents {
namespace {

class DocxReader {
 public:
  DocxReader(const DocxParts& parts, TextBuilder& builder, const ParseLimits& limits, Deadline deadline)
      : parts_(parts), builder_(builder), limits_(limits), deadline_(deadline) {}

  std::optional<ParseError> read();

 private:
  void body(const pugi::xml_node& node, std::uint32_t depth);
  // What stands beside the text, each paragraph a block of that kind.
  void notes(const pugi::xml_document* notes, BlockKind kind);
  void pages(const std::vector<std::unique_ptr<pugi::xml_document>>& parts, BlockKind kind);
  void field(const pugi::xml_node& mark);
  void paragraph(const pugi::xml_node& node, std::uint32_t depth);
  void runs(const pugi::xml_node& node, std::uint32_t depth);
  void run(const pugi::xml_node& node, std::uint32_t depth);
  void table(const pugi::xml_node& node, std::uint32_t depth);
  void row(const pugi::xml_node& node, std::uint32_t depth);
  void begin_paragraph(const pugi::xml_node& properties);
  bool may_go_on(std::uint32_t depth);

  const DocxParts& parts_;
  TextBuilder& builder_;
  const ParseLimits& limits_;
  Deadline deadline_;
  std::optional<ParseError> error_;
  std::vector<pugi::xml_node> text_boxes_;  // of the paragraph that is being read: they follow it
  std::uint32_t nodes_ = 0;
  bool in_cell_ = false;
  std::optional<BlockKind> beside_;  // the text: what is read is of this kind
  std::vector<bool> fields_;         // that have begun: whether what they show depends on the page
  std::string instruction_;          // of the innermost one
};

bool DocxReader::may_go_on(std::uint32_t depth) {
  constexpr std::uint32_t kNodesBetweenLooks = 1'024;
  if (depth > limits_.depth) error_ = nested_too_deep(limits_);
  if (++nodes_ % kNodesBetweenLooks == 0) {
    if (auto excess = builder_.excess()) error_ = std::move(excess);
    if (std::chrono::steady_clock::now() > deadline_) error_ = timed_out(limits_);
  }
  return !error_;
}

bool is_on(const pugi::xml_node& toggle) {
  const std::string_view value = value_of(toggle, "val");
  return toggle && value != "0" && value != "false" && value != "off";
}

std::uint8_t level_in(const pugi::xml_node& node) {
  const std::string_view digits = value_of(node, "val");
  unsigned value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return static_cast<std::uint8_t>(std::min(value, 250U));
}

void DocxReader::begin_paragraph(const pugi::xml_node& properties) {
  DocxStyle style;
  const auto named = parts_.styles.find(std::string(value_of(child_named(properties, "pStyle"), "val")));
  if (named != parts_.styles.end()) style = named->second;
  if (const auto outline = child_named(properties, "outlineLvl"); outline && level_in(outline) < 9) {
    style.heading = static_cast<std::uint8_t>(std::min(level_in(outline) + 1, 6));
  }
  if (const auto numbers = child_named(properties, "numPr")) {
    style.list = value_of(child_named(numbers, "numId"), "val") != "0";
    style.list_level = level_in(child_named(numbers, "ilvl"));
  }
  if (beside_) {
    builder_.begin_block(*beside_, 0);
  } else if (style.heading > 0) {
    builder_.begin_block(BlockKind::heading, style.heading);
  } else if (style.list) {
    builder_.begin_block(BlockKind::list_item, static_cast<std::uint8_t>(style.list_level + 1));
  } else {
    builder_.begin_block(style.quote ? BlockKind::quote : BlockKind::paragraph, style.quote ? 1 : 0);
  }
}

// "Page 3 of 7" is not what the text says, but where it is printed.
bool is_about_pages(std::string_view instruction) {
  const auto begin = std::min(instruction.find_first_not_of(' '), instruction.size());
  const auto name = instruction.substr(begin, instruction.find_first_of(" \\", begin) - begin);
  return name == "PAGE" || name == "NUMPAGES" || name == "SECTIONPAGES";
}

// A field has an instruction between its beginning and its middle, and then what it shows, to its end.
void DocxReader::field(const pugi::xml_node& mark) {
  const std::string_view type = value_of(mark, "fldCharType");
  if (type == "begin") {
    fields_.push_back(false);
    instruction_.clear();
  } else if (type == "separate" && !fields_.empty()) {
    fields_.back() = is_about_pages(instruction_);
  } else if (type == "end" && !fields_.empty()) {
    fields_.pop_back();
  }
}

void DocxReader::run(const pugi::xml_node& node, std::uint32_t depth) {
  const pugi::xml_node properties = child_named(node, "rPr");
  if (is_on(child_named(properties, "vanish"))) return;
  const bool bold = is_on(child_named(properties, "b"));
  if (bold) builder_.begin_strong();
  for (const pugi::xml_node& child : node) {
    const std::string_view name = local_name(child);
    if (name == "fldChar") {
      field(child);
    } else if (name == "instrText") {
      instruction_ += child.child_value();
    } else if (std::ranges::find(fields_, true) != fields_.end()) {
      continue;
    } else if (name == "t") {
      builder_.append(child.child_value());
    } else if (name == "tab" || name == "br" || name == "cr") {
      builder_.append(" ");
    } else if (name == "noBreakHyphen") {
      builder_.append("-");
    } else if (name == "AlternateContent" || name == "drawing" || name == "pict" || name == "object") {
      runs(child, depth + 1);
    }
  }
  if (bold) builder_.end_strong();
}

// Everything within a paragraph that may hold runs: links, insertions, fields, content controls, drawings.
void DocxReader::runs(const pugi::xml_node& node, std::uint32_t depth) {
  for (const pugi::xml_node& child : node) {
    if (!may_go_on(depth)) return;
    const std::string_view name = local_name(child);
    if (name == "r") {
      run(child, depth + 1);
    } else if (name == "hyperlink") {
      const auto target = parts_.links.find(std::string(value_of(child, "id")));
      const bool leads = target != parts_.links.end();
      if (leads) builder_.begin_link(target->second);
      runs(child, depth + 1);
      if (leads) builder_.end_link();
    } else if (name == "txbxContent") {
      text_boxes_.push_back(child);
    } else if (name == "fldSimple" && is_about_pages(value_of(child, "instr"))) {
      continue;
    } else if (name != "del" && name != "moveFrom" && name != "Fallback" && name != "pPr" && name != "p" &&
               name != "tbl") {
      runs(child, depth + 1);
    }
  }
}

void DocxReader::paragraph(const pugi::xml_node& node, std::uint32_t depth) {
  std::fill(fields_.begin(), fields_.end(), false);  // a number of a page that has no end swallows no other paragraph
  if (in_cell_) {
    builder_.append(" ");
  } else {
    begin_paragraph(child_named(node, "pPr"));
  }
  runs(node, depth + 1);
  if (in_cell_) {
    builder_.append(" ");
  } else {
    builder_.end_block();
  }
  const std::vector<pugi::xml_node> boxes = std::move(text_boxes_);
  text_boxes_.clear();
  for (const pugi::xml_node& box : boxes) body(box, depth + 1);
}

void DocxReader::row(const pugi::xml_node& node, std::uint32_t depth) {
  builder_.begin_row();
  for (const pugi::xml_node& cell : node) {
    if (!may_go_on(depth)) break;
    if (local_name(cell) != "tc") continue;
    builder_.begin_cell();
    in_cell_ = true;
    body(cell, depth + 1);
    in_cell_ = false;
    const auto columns = level_in(child_named(child_named(cell, "tcPr"), "gridSpan"));
    builder_.end_cell(std::max<std::uint32_t>(columns, 1));
  }
  builder_.end_row();
}

void DocxReader::table(const pugi::xml_node& node, std::uint32_t depth) {
  if (in_cell_ || beside_) {
    for (const pugi::xml_node& row : node) body(row, depth + 1);
    return;
  }
  builder_.begin_table();
  const std::string_view first_row = value_of(child_named(child_named(node, "tblPr"), "tblLook"), "firstRow");
  bool has_header = first_row == "1" || first_row == "true";
  bool first = true;
  for (const pugi::xml_node& child : node) {
    if (!may_go_on(depth)) break;
    if (local_name(child) != "tr") continue;
    has_header = has_header || (first && is_on(child_named(child_named(child, "trPr"), "tblHeader")));
    first = false;
    row(child, depth + 1);
  }
  builder_.end_table(has_header);
}

void DocxReader::body(const pugi::xml_node& node, std::uint32_t depth) {
  for (const pugi::xml_node& child : node) {
    if (!may_go_on(depth)) return;
    const std::string_view name = local_name(child);
    if (name == "p") {
      paragraph(child, depth + 1);
    } else if (name == "tbl") {
      table(child, depth + 1);
    } else if (name == "sdt" || name == "sdtContent" || name == "customXml" || name == "ins" || name == "moveTo" ||
               name == "tc" || name == "AlternateContent" || name == "Choice") {
      body(child, depth + 1);
    }
  }
}

void DocxReader::notes(const pugi::xml_document* notes, BlockKind kind) {
  if (notes == nullptr) return;
  beside_ = kind;
  for (const pugi::xml_node& note : notes->document_element()) {
    const std::string_view type = value_of(note, "type");
    if (type.empty() || type == "normal") body(note, 1);
  }
  beside_.reset();
}

void DocxReader::pages(const std::vector<std::unique_ptr<pugi::xml_document>>& parts, BlockKind kind) {
  beside_ = kind;
  for (const auto& part : parts) body(part->document_element(), 0);
  beside_.reset();
}

std::optional<ParseError> DocxReader::read() {
  pages(parts_.headers, BlockKind::page_header);
  body(child_named(parts_.document->document_element(), "body"), 0);
  pages(parts_.footers, BlockKind::page_footer);
  notes(parts_.footnotes.get(), BlockKind::footnote);
  notes(parts_.endnotes.get(), BlockKind::footnote);
  notes(parts_.comments.get(), BlockKind::comment);
  if (!error_) error_ = builder_.excess();
  return error_;
}

// What Word writes with a password is no archive, but a compound file that holds one, encrypted.
bool is_encrypted(std::string_view bytes) {
  return bytes.starts_with("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") &&
         bytes.find(std::string_view("E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0", 32)) != std::string_view::npos;
}

}  // namespace

Result<Parsed, ParseError> parse_docx(std::string_view bytes, const ParseLimits& limits, Deadline deadline) {
  if (is_encrypted(bytes)) {
    return failure(ParseError{ParseErrorCode::encrypted, "The Word file is encrypted: it needs a password."});
  }
  FLOWSTONE_TRY(const DocxParts parts, read_docx_parts(bytes, limits));
  TextBuilder builder(limits, nullptr);
  if (auto error = DocxReader(parts, builder, limits, deadline).read()) return failure(*std::move(error));
  return builder.finish();
}

}  // namespace flowstone::documents
