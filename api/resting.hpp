// What rests on a version that is not to be relied on any more.
#pragma once

#include <string>

#include "api/exchange.hpp"
#include "schemas/bundle_generated.h"

namespace flowstone::api {

// Puts down in `version` what rests on it; where the views are too far behind to tell, that the list is not whole.
Task<void> add_resting(Exchange* exchange, std::string bundle_id, schemas::BundleVersionT* version);

}  // namespace flowstone::api
