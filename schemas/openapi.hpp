// The OpenAPI 3.1 description of everything the contracts say.
#pragma once

#include <string>
#include <string_view>

#include "schemas/contract.hpp"

namespace flowstone::schemas {

// The whole document as JSON. Every call with its parameters, request, answers, problems and examples; every table with
// its limits.
std::string openapi_document(std::string_view version);

// The request body made of the contract's `example` attributes; fields without one are left out. "{}" if none has one.
std::string example_json(const Table& table);

// The same for one field; empty if there is none.
std::string example_value(const Field& field);

// An answer of this table: its examples, and for what is never left out but has none, a plain value.
std::string answer_example(const Table& table);

}  // namespace flowstone::schemas
