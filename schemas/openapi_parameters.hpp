// The parameters of calls, and the answers that calls have in common.
#pragma once

#include "schemas/contract.hpp"
#include "schemas/json_writer.hpp"

namespace flowstone::schemas {

// The member `parameters` of an operation; nothing if it has none.
void write_parameters(JsonWriter& out, const Call& call);

// components/parameters, components/headers
void write_shared_parameters(JsonWriter& out);
void write_shared_headers(JsonWriter& out);

}  // namespace flowstone::schemas
