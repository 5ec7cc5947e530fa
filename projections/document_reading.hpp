// From an uploaded file to everything that a version keeps of it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "documents/limits.hpp"
#include "documents/parsed.hpp"
#include "schemas/bundle_generated.h"

namespace flowstone::projections {

struct ReadDocument {
  // All but `document_id` and `renamed_from`, which only the version before can tell.
  schemas::BundleDocumentT document;
  documents::Parsed parsed;
  Bytes structure;    // documents::to_bytes
  Bytes extractions;  // FlatBuffer ExtractionList
};

// Detects the type, parses, and extracts. The error names the document and says what is wrong with it.
// Deterministic but for time limits. Threads: any. Cost: the parser's; PDF runs a child process.
Result<ReadDocument, std::string> read_document(std::string_view path, std::string_view claimed_media_type,
                                                BytesView bytes, const documents::ParseLimits& limits = {});

// Gives each document of `next` its identity: that of the document with its path in the version before; else of one
// with the same bytes, or the same text, whose path is gone; else of the path in the newest version that had it; else a
// fresh one, made of the bundle's id, the version and the path, so that doing it again makes the same. `earlier`: the
// versions before, the newest first. Documents are put in the order of their paths.
void identify_documents(schemas::BundleManifestT& next,
                        std::span<const std::shared_ptr<const schemas::BundleManifestT>> earlier,
                        std::string_view bundle_id, std::uint32_t version);

// What a path must be; nothing if it is fine.
std::optional<std::string_view> problem_of_path(std::string_view path);

}  // namespace flowstone::projections
