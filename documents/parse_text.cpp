#include <algorithm>
#include <cctype>

#include "documents/parsers.hpp"

namespace flowstone::documents {
namespace {

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\f\v") == std::string_view::npos; }
bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

// "3.", "3.1", "3.1.2.": how many numbers, 0 if it is no number of a section.
std::uint8_t section_number(std::string_view word) {
  std::uint8_t parts = 0;
  for (std::size_t at = 0; at < word.size(); ++at) {
    const std::size_t begin = at;
    while (at < word.size() && is_digit(word[at])) ++at;
    if (at == begin || at - begin > 3) return 0;
    ++parts;
    if (at < word.size() && word[at] != '.') return 0;
  }
  return std::min<std::uint8_t>(parts, 6);
}

bool all_capitals(std::string_view line) {
  int capitals = 0;
  for (const char letter : line) {
    if (letter >= 'a' && letter <= 'z') return false;
    capitals += letter >= 'A' && letter <= 'Z' ? 1 : 0;
  }
  return capitals >= 4;
}

}  // namespace

std::uint8_t heading_level(std::string_view line) {
  constexpr std::size_t kLongest = 100;
  const std::size_t first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos) return 0;
  line.remove_prefix(first);
  if (line.size() > kLongest || line.ends_with('.') || line.ends_with(',') || line.ends_with(';')) return 0;
  const std::size_t space = line.find_first_of(" \t");
  const std::string_view word = line.substr(0, space);
  if (space != std::string_view::npos) {
    const std::size_t title = line.find_first_not_of(" \t", space);
    if (title == std::string_view::npos) return 0;
    if (const auto level = section_number(word);
        level > 0 && std::isupper(static_cast<unsigned char>(line[title])) != 0)
      return level;
    const bool names = word == "Article" || word == "Section" || word == "Chapter" || word == "Part" ||
                       word == "Annex" || word == "Appendix" || word == "Schedule";
    if (names && (is_digit(line[title]) || std::isupper(static_cast<unsigned char>(line[title])) != 0)) return 1;
  }
  return all_capitals(line) ? 1 : 0;
}

namespace {

struct Paragraph {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t lines = 0;
};

void add_paragraph(Parsed& parsed, const Paragraph& paragraph) {
  const std::string_view words = parsed.text.utf8().substr(paragraph.begin, paragraph.end - paragraph.begin);
  const std::uint8_t level = paragraph.lines == 1 ? heading_level(words) : 0;
  parsed.blocks.push_back({level > 0 ? BlockKind::heading : BlockKind::paragraph,
                           level,
                           {parsed.text.code_point_of(static_cast<std::uint32_t>(paragraph.begin)),
                            parsed.text.code_point_of(static_cast<std::uint32_t>(paragraph.end))}});
}

}  // namespace

Result<Parsed, ParseError> parse_plain_text(std::string_view bytes, const ParseLimits& limits, Deadline /*deadline*/) {
  FLOWSTONE_TRY(Parsed parsed, parsed_source(bytes, limits));
  const std::string_view text = parsed.text.utf8();
  Paragraph open;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (!is_blank(line)) {
      if (open.lines++ == 0) open.begin = at + line.find_first_not_of(" \t\f\v");
      open.end = at + line.find_last_not_of(" \t\f\v") + 1;
    }
    if (open.lines > 0 && (is_blank(line) || end == text.size())) {
      if (parsed.blocks.size() == limits.blocks) return failure(too_many("paragraphs", limits.blocks));
      add_paragraph(parsed, open);
      open = {};
    }
    at = end + 1;
  }
  return parsed;
}

}  // namespace flowstone::documents
