#include "projections/defined_extractors.hpp"

#include <algorithm>
#include <utility>

#include "projections/every_row.hpp"
#include "schemas/extractor_generated.h"

namespace flowstone::projections {
namespace {

std::optional<std::string> given(std::string text) {
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

documents::ExtractorDefinition definition_of(schemas::ExtractorT&& extractor) {
  return {.name = std::move(extractor.name),
          .type = documents::value_type_named(schemas::EnumNameExtractedType(extractor.type)).value(),
          .pattern = given(std::move(extractor.pattern)),
          .heading = given(std::move(extractor.heading)),
          .column = given(std::move(extractor.column))};
}

}  // namespace

Result<std::vector<documents::ExtractorDefinition>, std::string> extractors_for(Catalog& catalog,
                                                                                std::string_view workspace,
                                                                                std::string_view bundle_id) {
  std::vector<documents::ExtractorDefinition> definitions;
  FLOWSTONE_TRY_VOID(for_each_row(catalog, workspace, "extractor", {{"archived", "false"}}, [&](const Row& row) {
    schemas::ExtractorT extractor;
    flatbuffers::GetRoot<schemas::Extractor>(row.bytes.data())->UnPackTo(&extractor);
    if (extractor.bundle_id.empty() || extractor.bundle_id == bundle_id)
      definitions.push_back(definition_of(std::move(extractor)));
  }));
  std::ranges::sort(definitions, {}, &documents::ExtractorDefinition::name);
  return definitions;
}

Result<std::unique_ptr<schemas::ExtractionListT>, LibraryError> extractions_of(
    Library& library, std::string_view workspace, const schemas::BundleDocumentT& document,
    const std::vector<documents::ExtractorDefinition>& definitions) {
  FLOWSTONE_TRY(auto list, library.extractions(workspace, document));
  if (definitions.empty()) return list;
  FLOWSTONE_TRY(const auto parsed, library.parsed(workspace, document));
  append(documents::extract_defined(parsed, definitions).all, *list);
  return list;
}

void append(const std::vector<documents::Extraction>& found, schemas::ExtractionListT& to) {
  for (const documents::Extraction& extraction : found) {
    auto kept = std::make_unique<schemas::DocumentExtractionT>();
    kept->extractor = extraction.extractor;
    kept->key = extraction.key;
    kept->type = documents::name_of(extraction.type);
    kept->value = extraction.value;
    kept->normalised = extraction.normalised;
    kept->start = extraction.spans.front().start;
    kept->end = extraction.spans.back().end;
    to.all.push_back(std::move(kept));
  }
}

}  // namespace flowstone::projections
