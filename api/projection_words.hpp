// The words for what a projection and its builds are at the moment, as the contract lists them.
#pragma once

#include <string_view>

#include "projections/catalog.hpp"

namespace flowstone::api {

std::string_view name_of(projections::Status::State state);
std::string_view name_of(projections::BuildStatus::Role role);

}  // namespace flowstone::api
