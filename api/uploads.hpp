// Files in requests, and what they do to what is stored.
#pragma once

#include <memory>
#include <vector>

#include "api/stored_documents.hpp"
#include "projections/impact_diff.hpp"
#include "schemas/document_generated.h"

namespace flowstone::api {

struct UploadedBytes {
  schemas::UploadedFileT file;  // without digest and size
  Bytes bytes;
};

// The files, or everything that is wrong with them.
Found<std::vector<UploadedBytes>> read_uploads(const std::vector<std::unique_ptr<schemas::DocumentUploadT>>& given);

// Waits until what rests on what is known up to the log's present end: an impact leaves nothing out that was
// acknowledged. False, and refused, if that takes too long.
Task<bool> await_tables(Exchange* exchange);

// The difference between two stored versions, or between one and `candidate`. Blocking.
Found<projections::ImpactEntries> impact_on(const Exchange& exchange, const schemas::BundleT& bundle,
                                            std::uint32_t from, std::uint32_t to,
                                            const projections::AnchorTarget* candidate = nullptr);

}  // namespace flowstone::api
