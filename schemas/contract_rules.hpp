// What a contract may not say: contradictions that no request could ever satisfy, and promises that nothing could keep.
#pragma once

#include <string>
#include <vector>

#include "schemas/contract.hpp"

namespace flowstone::schemas {

// Adds a sentence for each mistake.
void check_tables(const Contracts& contracts, std::vector<std::string>& mistakes);
void check_aggregates(const Contracts& contracts, std::vector<std::string>& mistakes);
void check_calls(const Contracts& contracts, std::vector<std::string>& mistakes);

}  // namespace flowstone::schemas
