// Files in requests, and what they do to what is stored.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>
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

// What says what rests on what.
inline constexpr std::array<std::string_view, 2> kKnowledgeTables{"evidence", "insights"};

// Waits until the tables are at the log's present end, so that an answer made of several of them leaves nothing out
// that was acknowledged. False, and refused, if that takes too long. `tables` outlive the call.
Task<bool> await_tables(Exchange* exchange, std::span<const std::string_view> tables);

// The difference between two stored versions, or between one and `candidate`. Blocking.
Found<projections::ImpactEntries> impact_on(const Exchange& exchange, const schemas::BundleT& bundle,
                                            std::uint32_t from, std::uint32_t to,
                                            const projections::AnchorTarget* candidate = nullptr);

}  // namespace flowstone::api
