// What the extractors share.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "documents/extract.hpp"
#include "documents/extraction_keys.hpp"

namespace flowstone::documents {

// Collects what is found, up to the limit.
class Collector {
 public:
  Collector(const Parsed& parsed, const ExtractLimits& limits, Extractions& result)
      : parsed_(parsed), limits_(limits), result_(result), keys_(parsed) {}

  [[nodiscard]] const Parsed& parsed() const { return parsed_; }
  [[nodiscard]] ExtractionKeys& keys() { return keys_; }
  [[nodiscard]] bool full() const { return result_.truncated; }

  // The value is what a reader sees of the span. `normalised` may be empty: the value is not of its type.
  void add(std::string_view extractor, std::string_view label, ValueType type, std::string normalised, Span span);
  [[nodiscard]] bool hidden(Span span) const;

 private:
  const Parsed& parsed_;
  const ExtractLimits& limits_;
  Extractions& result_;
  ExtractionKeys keys_;
};

// The span without white space and markup at its ends.
Span trimmed(const Parsed& parsed, Span span);
// The type that the whole value has: a date, amount, percentage, e-mail address, number, link, or else text.
ValueType type_of_value(std::string_view value);

void extract_headings(Collector& collector);
void extract_values(Collector& collector);
void extract_links(Collector& collector);
void extract_fields(Collector& collector);
void extract_cells(Collector& collector);
void extract_norms(Collector& collector);
void extract_definitions(Collector& collector);
void find_defined(Collector& collector, const ExtractorDefinition& definition);

}  // namespace flowstone::documents
