// Pages of the web as versions: of each URL there is one bundle in the workspace, and each other page that was seen
// there is its next version.
#pragma once

#include "api/stored_documents.hpp"
#include "schemas/evidence_generated.h"

namespace flowstone::api {

// Takes the page that the source's `url` names, as given or from the web, and waits until it has been taken in. Then
// the source names bundle, version and document, and the page's bytes are gone from it. A page that is as it was in the
// latest version is that version.
Task<Found<void>> take_snapshot(Exchange* exchange, schemas::EvidenceSourceT* source);

}  // namespace flowstone::api
