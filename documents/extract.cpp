#include "documents/extract.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "documents/extracting.hpp"

namespace flowstone::documents {
namespace {

constexpr std::array<std::pair<std::string_view, ValueType>, 7> kTypes{{
    {"text", ValueType::text},
    {"number", ValueType::number},
    {"date", ValueType::date},
    {"amount", ValueType::amount},
    {"percent", ValueType::percent},
    {"email", ValueType::email},
    {"link", ValueType::link},
}};

}  // namespace

std::string_view name_of(ValueType type) {
  const auto* const found = std::ranges::find(kTypes, type, &std::pair<std::string_view, ValueType>::second);
  return found == kTypes.end() ? "text" : found->first;
}

std::optional<ValueType> value_type_named(std::string_view name) {
  const auto* const found = std::ranges::find(kTypes, name, &std::pair<std::string_view, ValueType>::first);
  return found == kTypes.end() ? std::nullopt : std::optional(found->second);
}

void Collector::add(std::string_view extractor, std::string_view label, ValueType type, std::string normalised,
                    Span span) {
  if (result_.all.size() >= limits_.extractions) {
    result_.truncated = true;
    return;
  }
  std::string value = visible_text(parsed_, span);
  if (value.empty()) return;
  result_.all.push_back({.extractor = std::string(extractor),
                         .key = keys_.key(extractor, span.start, label),
                         .type = type,
                         .value = std::move(value),
                         .normalised = std::move(normalised),
                         .spans = {span}});
}

bool Collector::hidden(Span span) const {
  const auto after = std::ranges::upper_bound(parsed_.invisible, span.start, {}, &Span::end);
  return after != parsed_.invisible.end() && after->start <= span.start && after->end >= span.end;
}

Span trimmed(const Parsed& parsed, Span span) {
  const std::string_view text = parsed.text.utf8();
  const auto white = [text](std::uint32_t byte) {
    return text[byte] == ' ' || text[byte] == '\n' || text[byte] == '\t';
  };
  for (bool changed = true; changed && span.start < span.end;) {
    changed = false;
    const auto after = std::ranges::upper_bound(parsed.invisible, span.start, {}, &Span::end);
    if (after != parsed.invisible.end() && after->start <= span.start) {
      span.start = std::min(after->end, span.end);
      changed = true;
    }
    const auto last = std::ranges::lower_bound(parsed.invisible, span.end, {}, &Span::end);
    if (last != parsed.invisible.end() && last->start < span.end) {
      span.end = std::max(last->start, span.start);
      changed = true;
    }
    for (; span.start < span.end && white(parsed.text.byte_of(span.start)); ++span.start) changed = true;
    for (; span.start < span.end && white(parsed.text.byte_of(span.end - 1)); --span.end) changed = true;
  }
  return span;
}

ValueType type_of_value(std::string_view value) {
  for (const ValueType type :
       {ValueType::date, ValueType::amount, ValueType::percent, ValueType::email, ValueType::number}) {
    if (normalise_value(value, type)) return type;
  }
  return value.starts_with("http://") || value.starts_with("https://") ? ValueType::link : ValueType::text;
}

Extractions extract(const Parsed& parsed, const ExtractLimits& limits) {
  Extractions result;
  Collector collector(parsed, limits, result);
  for (auto* const extractor : {&extract_headings, &extract_values, &extract_links, &extract_fields, &extract_cells,
                                &extract_norms, &extract_definitions}) {
    extractor(collector);
  }
  return result;
}

Extractions extract_defined(const Parsed& parsed, const std::vector<ExtractorDefinition>& definitions,
                            const ExtractLimits& limits) {
  Extractions result;
  Collector collector(parsed, limits, result);
  for (const ExtractorDefinition& definition : definitions) {
    if (auto valid = validate(definition); !valid) {
      result.refused.push_back(std::move(valid).error());
    } else {
      find_defined(collector, definition);
    }
  }
  return result;
}

}  // namespace flowstone::documents
