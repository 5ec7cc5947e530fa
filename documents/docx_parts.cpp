#include "documents/docx_parts.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "documents/parsers.hpp"

namespace flowstone::documents {
namespace {

using Tree = std::unique_ptr<pugi::xml_document>;

// So many bytes of XML may be read into a tree.
std::size_t most_bytes(const ParseLimits& limits) {
  constexpr std::size_t kTreeToBytes = 16;
  return limits.memory_bytes / kTreeToBytes;
}

// Nothing if there is no such part. What is read is taken off `left`.
Result<Tree, ParseError> read_xml(Archive& archive, const std::string& name, const ParseLimits& limits,
                                  std::size_t& left) {
  FLOWSTONE_TRY(const auto bytes, archive.read(name));
  if (!bytes) return Tree();
  if (bytes->size() > left) return failure(out_of_memory(limits));
  left -= bytes->size();
  auto tree = std::make_unique<pugi::xml_document>();
  const auto parsed =
      tree->load_buffer(bytes->data(), bytes->size(), pugi::parse_default | pugi::parse_ws_pcdata_single);
  if (!parsed) {
    return failure(ParseError{ParseErrorCode::broken,
                              fmt::format("The part {} of the file is damaged at byte {}.", name, parsed.offset)});
  }
  return tree;
}

Result<Tree, ParseError> read_xml(Archive& archive, const std::string& name, const ParseLimits& limits) {
  std::size_t left = most_bytes(limits);
  return read_xml(archive, name, limits, left);
}

std::string lower(std::string_view text) {
  std::string folded(text);
  std::ranges::transform(folded, folded.begin(),
                         [](char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte; });
  return folded;
}

std::uint8_t small_number(std::string_view digits) {
  unsigned value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return static_cast<std::uint8_t>(std::min(value, 255U));
}

DocxStyle style_of(const pugi::xml_node& node) {
  DocxStyle style;
  const std::string name = lower(value_of(child_named(node, "name"), "val"));
  const pugi::xml_node paragraph = child_named(node, "pPr");
  if (name.starts_with("heading ") && name.size() > 8) {
    style.heading = std::clamp<std::uint8_t>(small_number(std::string_view(name).substr(8)), 1, 6);
  } else if (name == "title") {
    style.heading = 1;
  } else if (const auto outline = child_named(paragraph, "outlineLvl");
             outline && small_number(value_of(outline, "val")) < 9) {
    style.heading = static_cast<std::uint8_t>(std::min(small_number(value_of(outline, "val")) + 1, 6));
  }
  style.quote = name == "quote" || name == "intense quote";
  const pugi::xml_node numbers = child_named(paragraph, "numPr");
  style.list = static_cast<bool>(numbers) && value_of(child_named(numbers, "numId"), "val") != "0";
  style.list_level = small_number(value_of(child_named(numbers, "ilvl"), "val"));
  return style;
}

// A style that says nothing itself is like the one that it is based on.
void read_styles(const pugi::xml_document& tree, DocxParts& parts) {
  constexpr int kLongestChain = 16;
  std::unordered_map<std::string, std::string> bases;
  for (const pugi::xml_node& node : tree.document_element()) {
    if (local_name(node) != "style") continue;
    const std::string id(value_of(node, "styleId"));
    parts.styles[id] = style_of(node);
    bases[id] = value_of(child_named(node, "basedOn"), "val");
  }
  for (auto& [id, style] : parts.styles) {
    std::string base = bases[id];
    for (int step = 0; step < kLongestChain && !base.empty(); ++step) {
      const auto found = parts.styles.find(base);
      if (found == parts.styles.end()) break;
      if (style.heading == 0) style.heading = found->second.heading;
      style.quote = style.quote || found->second.quote;
      base = bases[base];
    }
  }
}

// The main part's name is in the package's relations; nearly always word/document.xml.
Result<std::string, ParseError> main_part(Archive& archive, const ParseLimits& limits) {
  FLOWSTONE_TRY(const Tree relations, read_xml(archive, "_rels/.rels", limits));
  if (relations != nullptr) {
    for (const pugi::xml_node& relation : relations->document_element()) {
      if (!std::string_view(relation.attribute("Type").value()).ends_with("/officeDocument")) continue;
      std::string_view target = relation.attribute("Target").value();
      if (target.starts_with('/')) target.remove_prefix(1);
      return std::string(target);
    }
  }
  return std::string("word/document.xml");
}

// The ids of the relations to headers ("headerReference") or footers, in the order of the sections.
std::vector<std::string> references(const pugi::xml_document& document, std::string_view kind) {
  std::vector<std::string> ids;
  const auto take = [&](const pugi::xml_node& section) {
    for (const pugi::xml_node& reference : section) {
      std::string id(value_of(reference, "id"));
      if (local_name(reference) == kind && std::ranges::find(ids, id) == ids.end()) ids.push_back(std::move(id));
    }
  };
  for (const pugi::xml_node& block : child_named(document.document_element(), "body")) {
    take(local_name(block) == "sectPr" ? block : child_named(child_named(block, "pPr"), "sectPr"));
  }
  return ids;
}

// A target is relative to the main part, or begins at the archive's root.
std::string part_named(const std::string& folder, std::string_view target) {
  return target.starts_with('/') ? std::string(target.substr(1)) : folder + std::string(target);
}

// What stands above or below the pages.
Result<std::vector<Tree>, ParseError> page_parts(Archive& archive, const DocxParts& parts, std::string_view kind,
                                                 const std::string& folder, const ParseLimits& limits,
                                                 std::size_t& left) {
  std::vector<Tree> trees;
  for (const std::string& id : references(*parts.document, kind)) {
    const auto target = parts.links.find(id);
    if (target == parts.links.end()) continue;
    FLOWSTONE_TRY(Tree tree, read_xml(archive, part_named(folder, target->second), limits, left));
    if (tree != nullptr) trees.push_back(std::move(tree));
  }
  return trees;
}

}  // namespace

std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

pugi::xml_node child_named(const pugi::xml_node& node, std::string_view name) {
  for (const pugi::xml_node& child : node) {
    if (local_name(child) == name) return child;
  }
  return {};
}

std::string_view value_of(const pugi::xml_node& node, std::string_view attribute) {
  for (const pugi::xml_attribute& each : node.attributes()) {
    const std::string_view name = each.name();
    const std::size_t colon = name.find(':');
    if ((colon == std::string_view::npos ? name : name.substr(colon + 1)) == attribute) return each.value();
  }
  return {};
}

Result<DocxParts, ParseError> read_docx_parts(std::string_view bytes, const ParseLimits& limits) {
  FLOWSTONE_TRY(Archive archive, Archive::open(bytes, limits));
  FLOWSTONE_TRY(const std::string main, main_part(archive, limits));
  const std::size_t slash = main.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : main.substr(0, slash + 1);
  const std::string file = slash == std::string::npos ? main : main.substr(slash + 1);

  DocxParts parts;
  FLOWSTONE_TRY(parts.document, read_xml(archive, main, limits));
  if (parts.document == nullptr) {
    return failure(ParseError{ParseErrorCode::broken, "The file is an archive without a Word document in it."});
  }
  FLOWSTONE_TRY(parts.footnotes, read_xml(archive, folder + "footnotes.xml", limits));
  FLOWSTONE_TRY(parts.endnotes, read_xml(archive, folder + "endnotes.xml", limits));
  FLOWSTONE_TRY(parts.comments, read_xml(archive, folder + "comments.xml", limits));
  FLOWSTONE_TRY(const Tree styles, read_xml(archive, folder + "styles.xml", limits));
  if (styles != nullptr) read_styles(*styles, parts);
  FLOWSTONE_TRY(const Tree relations, read_xml(archive, folder + "_rels/" + file + ".rels", limits));
  if (relations != nullptr) {
    for (const pugi::xml_node& relation : relations->document_element()) {
      parts.links[relation.attribute("Id").value()] = relation.attribute("Target").value();
    }
  }
  std::size_t left = most_bytes(limits);
  FLOWSTONE_TRY(parts.headers, page_parts(archive, parts, "headerReference", folder, limits, left));
  FLOWSTONE_TRY(parts.footers, page_parts(archive, parts, "footerReference", folder, limits, left));
  return parts;
}

}  // namespace flowstone::documents
