// The pieces of JSON that encoding a whole table and showing a single field have in common.
#pragma once

#include <string>

#include "schemas/json.hpp"
#include "schemas/table_view.hpp"

namespace flowstone::schemas {

void encode_table(const Table& contract, const flatbuffers::Table& table, std::string& out,
                  const EncodeOptions& options);

// The value of a field that has one.
void encode_field(const Field& field, const flatbuffers::Table& table, std::string& out, const EncodeOptions& options);

}  // namespace flowstone::schemas
