// Extractors that users define.
#include <algorithm>
#include <array>
#include <re2/re2.h>

#include <fmt/format.h>

#include "base/regex.hpp"
#include "documents/extracting.hpp"
#include "documents/normalise.hpp"

namespace flowstone::documents {
namespace {

constexpr std::size_t kLongestPattern = 4'000;
constexpr std::size_t kLongestTitle = 500;
re2::RE2::Options options() {
  re2::RE2::Options chosen;
  chosen.set_log_errors(false);
  chosen.set_max_mem(kRegexMemory);
  return chosen;
}

bool is_name(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  return !name.empty() && name.size() <= kLongest && name.front() >= 'a' && name.front() <= 'z' &&
         std::ranges::all_of(name, [](char byte) {
           return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '_';
         });
}

std::string folded(std::string_view title) {
  std::string text = canonical_block(ExtractionKeys::without_number(title)).utf8;
  std::ranges::transform(text, text.begin(),
                         [](char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte; });
  return text;
}

// Where to look. Sections without their headings.
std::vector<Span> regions_of(const Parsed& parsed, const ExtractorDefinition& definition) {
  std::vector<Span> sections;
  if (definition.heading) {
    const std::string wanted = folded(*definition.heading);
    for (const OutlineEntry& entry : parsed.outline) {
      if (folded(entry.title) == wanted) sections.push_back({entry.heading.end, entry.section.end});
    }
  } else {
    sections.push_back({0, parsed.text.size()});
  }
  if (!definition.column) return sections;
  std::vector<Span> cells;
  const std::string wanted = folded(*definition.column);
  for (const TableCell& cell : parsed.cells) {
    if (cell.row == 0 || folded(header_of(parsed, cell)) != wanted) continue;
    const bool within = std::ranges::any_of(
        sections, [&](Span section) { return section.start <= cell.span.start && cell.span.end <= section.end; });
    if (within) cells.push_back(cell.span);
  }
  return cells;
}

void add(Collector& collector, const ExtractorDefinition& definition, std::string_view label, Span span) {
  span = trimmed(collector.parsed(), span);
  if (span.empty()) return;
  const std::string written = visible_text(collector.parsed(), span);
  collector.add(definition.name, label, definition.type, normalise_value(written, definition.type).value_or(""), span);
}

void match_all(Collector& collector, const ExtractorDefinition& definition, const re2::RE2& pattern, Span region) {
  const Parsed& parsed = collector.parsed();
  const std::string_view text = parsed.text.slice(region);
  const std::uint32_t base = parsed.text.byte_of(region.start);
  const int wanted = pattern.NumberOfCapturingGroups() > 0 ? 2 : 1;
  std::array<re2::StringPiece, 2> groups;
  for (std::size_t at = 0; at <= text.size() && !collector.full();) {
    if (!pattern.Match({text.data(), text.size()}, at, text.size(), re2::RE2::UNANCHORED, groups.data(), wanted))
      return;
    const re2::StringPiece& value = groups[static_cast<std::size_t>(wanted - 1)];
    const auto end = static_cast<std::size_t>(groups[0].data() + groups[0].size() - text.data());
    if (!value.empty()) {
      const auto begin = base + static_cast<std::uint32_t>(value.data() - text.data());
      const Span span{parsed.text.code_point_of(begin),
                      parsed.text.code_point_of(begin + static_cast<std::uint32_t>(value.size()))};
      if (!collector.hidden(span)) add(collector, definition, "", span);
    }
    at = std::max(end, at + 1);
  }
}

}  // namespace

Result<void, DefinitionError> validate(const ExtractorDefinition& definition) {
  if (!is_name(definition.name)) {
    return failure(
        DefinitionError{"name", "A name has 1 to 64 small letters, digits and underscores and begins with a letter."});
  }
  if (std::ranges::find(kBuiltInExtractors, definition.name) != kBuiltInExtractors.end()) {
    return failure(DefinitionError{"name", fmt::format("There is an extractor {} already.", definition.name)});
  }
  if (definition.type > ValueType::link) return failure(DefinitionError{"type", "There is no such type."});
  if (!definition.pattern && !definition.heading && !definition.column) {
    return failure(DefinitionError{"pattern", "An extractor needs a pattern, a heading or a column."});
  }
  for (const auto& [field, title] :
       {std::pair("heading", &definition.heading), std::pair("column", &definition.column)}) {
    if (*title && ((*title)->empty() || (*title)->size() > kLongestTitle)) {
      return failure(DefinitionError{field, fmt::format("A {} has 1 to {} bytes.", field, kLongestTitle)});
    }
  }
  if (!definition.pattern) return {};
  if (definition.pattern->empty() || definition.pattern->size() > kLongestPattern) {
    return failure(DefinitionError{"pattern", fmt::format("A pattern has 1 to {} bytes.", kLongestPattern)});
  }
  if (const auto problem = problem_of_regex(*definition.pattern))
    return failure(DefinitionError{"pattern", fmt::format("The pattern is not valid: {}.", *problem)});
  return {};
}

void find_defined(Collector& collector, const ExtractorDefinition& definition) {
  const auto regions = regions_of(collector.parsed(), definition);
  if (definition.pattern) {
    const re2::RE2 pattern(*definition.pattern, options());
    for (const Span region : regions) match_all(collector, definition, pattern, region);
    return;
  }
  for (const Span region : regions) add(collector, definition, definition.column.value_or(""), region);
}

}  // namespace flowstone::documents
