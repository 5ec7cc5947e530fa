#include "projections/known_documents.hpp"

#include <algorithm>
#include <utility>

#include "documents/detect.hpp"
#include "documents/extract.hpp"
#include "documents/parse.hpp"

namespace flowstone::projections {
namespace {

std::vector<Library::Manifest> newest(std::vector<Library::Manifest> earlier) {
  earlier.resize(std::min(earlier.size(), KnownDocuments::kVersions));
  return earlier;
}

}  // namespace

KnownDocuments::KnownDocuments(Library& library, std::string workspace, std::vector<Library::Manifest> earlier)
    : library_(library), workspace_(std::move(workspace)), earlier_(newest(std::move(earlier))) {
  for (const auto& manifest : earlier_) {
    for (const auto& document : manifest->documents) by_bytes_.emplace(document->sha256, document.get());
  }
}

std::optional<schemas::BundleDocumentT> KnownDocuments::find(std::string_view path, std::string_view claimed_media_type,
                                                             std::string_view sha256, BytesView bytes) {
  const auto [begin, end] = by_bytes_.equal_range(sha256);
  if (begin == end) return std::nullopt;
  const auto detected = documents::detect(bytes, path, claimed_media_type);
  const auto parser = documents::parser_of(detected.type);
  for (auto at = begin; at != end; ++at) {
    const schemas::BundleDocumentT& known = *at->second;
    if (known.media_type != documents::name_of(detected.type) || known.parser != parser || !is_there(known)) continue;
    auto warnings = warnings_of(known);
    if (!warnings) continue;
    schemas::BundleDocumentT document = known;
    document.path = path;
    document.document_id.clear();
    document.renamed_from.clear();
    document.warnings = *std::move(warnings);
    if (!detected.mismatch.empty()) document.warnings.insert(document.warnings.begin(), detected.mismatch);
    return document;
  }
  return std::nullopt;
}

bool KnownDocuments::is_there(const schemas::BundleDocumentT& document) const {
  const auto extractions = library_.extractions(workspace_, document);
  if (!extractions || (*extractions)->extractors != documents::kExtractors) return false;
  return library_.contains(workspace_, document.text_sha256) && library_.contains(workspace_, document.structure);
}

std::optional<std::vector<std::string>> KnownDocuments::warnings_of(const schemas::BundleDocumentT& document) {
  // Beside the parser's own there is at most what its path had to say.
  if (document.warnings.empty()) return document.warnings;
  auto parsed = library_.parsed(workspace_, document);
  if (!parsed) return std::nullopt;
  return std::move(parsed->warnings);
}

}  // namespace flowstone::projections
