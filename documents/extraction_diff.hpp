// What changed between what two versions say, field by field.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "documents/extract.hpp"

namespace flowstone::documents {

enum class ExtractionChange : std::uint8_t {
  unchanged,                // same value in the same words around it
  same_value_new_evidence,  // same value, said differently or elsewhere
  changed,
  added,
  removed,
};

std::string_view name_of(ExtractionChange change);

struct ExtractionDelta {
  ExtractionChange change = ExtractionChange::unchanged;
  const Extraction* before = nullptr;  // nothing if added
  const Extraction* after = nullptr;   // nothing if removed
};

// Paired by extractor and key; what is left over, by extractor and normalised value (a field that moved).
// Order: of `after`, removed ones behind it. Lifetime: of both lists.
std::vector<ExtractionDelta> diff_extractions(const std::vector<Extraction>& before, const Text& text_before,
                                              const std::vector<Extraction>& after, const Text& text_after);

}  // namespace flowstone::documents
