// Whether evidence still says what it said, in the words of freshness.
#pragma once

#include "schemas/evidence_generated.h"
#include "schemas/insight_generated.h"

namespace flowstone::api {

schemas::FreshnessFlag freshness_flag_of(const schemas::EvidenceT& evidence);

}  // namespace flowstone::api
