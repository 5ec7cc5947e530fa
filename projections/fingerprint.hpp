// What tells rows folded by this code from rows folded by other code.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "domain/aggregate.hpp"

namespace flowstone::projections {

// Hexadecimal SHA-256 over the engine's version, the contract of the aggregate's state and events, the sources of its
// fold, and `code_version`.
std::string table_fingerprint(const domain::AggregateType& aggregate, std::string_view code_version);
std::string audit_fingerprint(std::span<const domain::AggregateType* const> aggregates, std::string_view code_version);

std::string search_fingerprint(std::string_view code_version);

}  // namespace flowstone::projections
