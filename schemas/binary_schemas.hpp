// The binary schemas (`flatc --schema`) of all contract files, as they travel inside the executable.
#pragma once

#include <span>
#include <string_view>

#include "base/bytes.hpp"

namespace flowstone::schemas {

struct BinarySchema {
  std::string_view name;  // of the contract file: "task"
  BytesView bytes;
};

// In the order of their names.
std::span<const BinarySchema> binary_schemas();

}  // namespace flowstone::schemas
