// What a contract may not do to those who hold bytes or programs made under an earlier one.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "schemas/binary_schemas.hpp"

namespace flowstone::schemas {

// A sentence for each way in which `current` would misread, or no longer take, what was made under `released`.
std::vector<std::string> incompatibilities(std::span<const BinarySchema> released,
                                           std::span<const BinarySchema> current);

}  // namespace flowstone::schemas
