// What a call answers: its success in every media type, and the reasons for which it is refused.
#pragma once

#include <span>

#include "schemas/contract.hpp"
#include "schemas/json_writer.hpp"
#include "schemas/openapi.hpp"

namespace flowstone::schemas {

void write_responses(JsonWriter& out, const Call& call);
// The refusals that calls share, each with an example for every code.
void write_shared_responses(JsonWriter& out, std::span<const RefusalReason> reasons);

}  // namespace flowstone::schemas
