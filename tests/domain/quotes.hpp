// Quotes and where they stand, as the tests of evidence and of what rests on it tell them.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "schemas/evidence_generated.h"

namespace flowstone::domain {

inline constexpr const char* kBundleId = "01920000-0000-7000-8000-000000000021";

inline std::unique_ptr<schemas::EvidenceSourceT> source_of(std::string exact, std::uint32_t version = 1) {
  auto source = std::make_unique<schemas::EvidenceSourceT>();
  source->bundle_id = kBundleId;
  source->version = version;
  source->document = "contract.md";
  source->selector = std::make_unique<schemas::QuoteSelectorT>();
  source->selector->exact = std::move(exact);
  return source;
}

// The digest of words stands for itself here.
inline schemas::AnchorT anchor_at(std::uint32_t version, std::string exact,
                                  schemas::Verdict verdict = schemas::Verdict::same,
                                  schemas::Materiality materiality = schemas::Materiality::none) {
  schemas::AnchorT anchor;
  anchor.version = version;
  anchor.document = "contract.md";
  anchor.verdict = verdict;
  anchor.materiality = materiality;
  if (!exact.empty()) {
    anchor.start = 0;
    anchor.end = static_cast<std::uint32_t>(exact.size());
    anchor.digest = "digest of " + exact;
  }
  anchor.exact = std::move(exact);
  return anchor;
}

template <class Table>
Table with_anchors(Table table, const std::vector<schemas::AnchorT>& anchors) {
  for (const auto& anchor : anchors) table.anchors.push_back(std::make_unique<schemas::AnchorT>(anchor));
  return table;
}

}  // namespace flowstone::domain
