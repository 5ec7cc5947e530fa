// The parts of a Word file that its text depends on: styles, relations, footnotes.
#pragma once

#include <cstdint>
#include <memory>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "documents/archive.hpp"

namespace flowstone::documents {

// Names in the file carry a prefix of its choice: "w:p" is `p`.
std::string_view local_name(const pugi::xml_node& node);
pugi::xml_node child_named(const pugi::xml_node& node, std::string_view name);
std::string_view value_of(const pugi::xml_node& node, std::string_view attribute);

struct DocxStyle {
  std::uint8_t heading = 0;  // 1 to 6
  bool list = false;
  std::uint8_t list_level = 0;  // from 0
  bool quote = false;
};

struct DocxParts {
  std::unique_ptr<pugi::xml_document> document;
  std::unique_ptr<pugi::xml_document> footnotes;  // with endnotes; nothing if there are none
  std::unique_ptr<pugi::xml_document> endnotes;
  std::unique_ptr<pugi::xml_document> comments;
  std::vector<std::unique_ptr<pugi::xml_document>> headers;  // of pages, in the order of the sections that have them
  std::vector<std::unique_ptr<pugi::xml_document>> footers;
  std::unordered_map<std::string, DocxStyle> styles;   // by id
  std::unordered_map<std::string, std::string> links;  // targets by relation id
};

// Limits: those of `Archive`, and a part of XML may have a sixteenth of `memory_bytes`, as its tree takes that much more;
// headers and footers together as much as one part.
Result<DocxParts, ParseError> read_docx_parts(std::string_view bytes, const ParseLimits& limits);

}  // namespace flowstone::documents
