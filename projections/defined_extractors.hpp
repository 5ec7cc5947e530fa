// What the extractors that people define read from documents, beside the built-in ones.
//
// Values of built-in extractors are kept with a version; those of defined ones are read when they are asked for, so
// that a definition of today reads the versions of yesterday, and both sides of a diff are read by the same rules.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "documents/extract.hpp"
#include "projections/catalog.hpp"
#include "projections/library.hpp"

namespace flowstone::projections {

// Those that are in use for a bundle, in the order of their names. Cost: the extractors of the workspace.
Result<std::vector<documents::ExtractorDefinition>, std::string> extractors_for(Catalog& catalog,
                                                                                std::string_view workspace,
                                                                                std::string_view bundle_id);

// All that is read from a document. Cost: with definitions, a pass over the text for each.
Result<std::unique_ptr<schemas::ExtractionListT>, LibraryError> extractions_of(
    Library& library, std::string_view workspace, const schemas::BundleDocumentT& document,
    const std::vector<documents::ExtractorDefinition>& definitions);

// As lists of extractions are kept.
void append(const std::vector<documents::Extraction>& found, schemas::ExtractionListT& to);

}  // namespace flowstone::projections
